using System.Net;
using McpShield.Contracts.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;

namespace McpShield.Web.Hosting;

/// <summary>What no page has an answer to is answered by the page of errors, with the status that fits.</summary>
internal static class Failures
{
    private const string Page = "/error";

    public static void UseFailures(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = Page,
            CreateScopeForErrors = true,
            AllowStatusCode404Response = true,
            StatusCodeSelector = StatusOf,
            SuppressDiagnosticsCallback = static failed => failed.Exception is ShieldProblem { Status: < HttpStatusCode.InternalServerError }, // the API's no is no news for the operator
        });
        app.UseStatusCodePagesWithReExecute(Page, createScopeForStatusCodePages: true);
    }

    private static int StatusOf(Exception failure) => failure switch
    {
        ShieldProblem { Status: HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests } problem => (int)problem.Status,
        ShieldProblem { Status: >= HttpStatusCode.InternalServerError } or HttpRequestException or RedisException or TimeoutException => StatusCodes.Status503ServiceUnavailable,
        BadHttpRequestException bad => bad.StatusCode,
        _ => StatusCodes.Status500InternalServerError,
    };
}
