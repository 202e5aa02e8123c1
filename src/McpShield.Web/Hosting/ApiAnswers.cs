using System.Net;
using McpShield.Contracts.Client;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Hosting;

/// <summary>What a page answers when the API said no and the page did not.</summary>
internal static class ApiAnswers
{
    public static int StatusOf(Exception failure) => failure switch
    {
        ShieldProblem { Status: HttpStatusCode.NotFound } => StatusCodes.Status404NotFound,
        ShieldProblem { Status: HttpStatusCode.Forbidden } => StatusCodes.Status403Forbidden,
        ShieldProblem { Status: HttpStatusCode.TooManyRequests } => StatusCodes.Status429TooManyRequests,
        ShieldProblem { Status: HttpStatusCode.BadRequest } => StatusCodes.Status400BadRequest,
        ShieldProblem { Status: HttpStatusCode.ServiceUnavailable } or HttpRequestException => StatusCodes.Status503ServiceUnavailable,
        BadHttpRequestException bad => bad.StatusCode,
        _ => StatusCodes.Status500InternalServerError,
    };
}
