using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace McpShield.Server.Hosting;

/// <summary>Answers that say no (RFC 9457). A code never changes; the sentence is for people and holds nothing secret.</summary>
internal static class Problems
{
    private const string TypePrefix = "urn:mcpshield:problem:";

    public static ProblemHttpResult BadRequest(string code, string detail) => Of(StatusCodes.Status400BadRequest, code, detail);

    public static ProblemHttpResult Unauthorized(string code, string detail) => Of(StatusCodes.Status401Unauthorized, code, detail);

    public static ProblemHttpResult Forbidden(string code, string detail) => Of(StatusCodes.Status403Forbidden, code, detail);

    /// <summary>Also for what belongs to somebody else: that it exists is not for a stranger to know.</summary>
    public static ProblemHttpResult NotFound(string code, string detail) => Of(StatusCodes.Status404NotFound, code, detail);

    public static ProblemHttpResult Conflict(string code, string detail) => Of(StatusCodes.Status409Conflict, code, detail);

    public static ProblemHttpResult PreconditionFailed(string code, string detail) => Of(StatusCodes.Status412PreconditionFailed, code, detail);

    public static ProblemHttpResult Unavailable(string code, string detail) => Of(StatusCodes.Status503ServiceUnavailable, code, detail);

    public static ProblemHttpResult TooMany(HttpContext context, string code, string detail, TimeSpan retryAfter)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Of(StatusCodes.Status429TooManyRequests, code, detail);
    }

    /// <summary>A field that is wrong, beyond what its attributes can say.</summary>
    public static ProblemHttpResult Invalid(string field, string why) => Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [why] });

    /// <summary>Fields that are wrong, by their names in the request.</summary>
    public static ProblemHttpResult Invalid(IDictionary<string, string[]> errors) => TypedResults.Problem(Filled(new(errors)));

    /// <summary>Gives the framework's own problems the form of ours.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        if (context.ProblemDetails is not HttpValidationProblemDetails invalid) return;

        // The framework names the members of its own records; whoever asked knows the fields of the JSON.
        invalid.Errors = invalid.Errors.GroupBy(static error => FieldOf(error.Key), StringComparer.Ordinal)
            .ToDictionary(static field => field.Key, static field => field.SelectMany(static error => error.Value).Select(FieldSentences.Of).ToArray(), StringComparer.Ordinal);
        Filled(invalid);
    }

    private static string FieldOf(string member) => string.Join('.', member.Split('.').Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName));

    private static HttpValidationProblemDetails Filled(HttpValidationProblemDetails problem)
    {
        problem.Status = StatusCodes.Status400BadRequest;
        problem.Type = TypePrefix + "validation";
        problem.Title = "Bad Request";
        problem.Detail = "Some fields are not valid; `errors` says which and why.";
        problem.Extensions["code"] = "validation";
        return problem;
    }

    public static ProblemHttpResult Of(int status, string code, string detail) => TypedResults.Problem(Details(status, code, detail));

    public static ProblemDetails Details(int status, string code, string detail) => new()
    {
        Status = status,
        Type = TypePrefix + code,
        Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
        Detail = detail,
        Extensions = { ["code"] = code },
    };
}
