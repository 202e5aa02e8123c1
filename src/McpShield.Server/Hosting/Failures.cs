using McpShield.Audit;
using McpShield.Data.Ephemeral;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Hosting;

/// <summary>What no handler caught: a problem with a trace id for the caller, the rest for the operator's log.</summary>
internal sealed partial class Failures(ILogger<Failures> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested) return true;
        var answer = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.Of(StatusCodes.Status413PayloadTooLarge, "request.too-large", "The request is larger than this endpoint takes."),
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problems.Of(StatusCodes.Status415UnsupportedMediaType, "request.not-json", "Send JSON, with `Content-Type: application/json`."),
            BadHttpRequestException { InnerException: System.Text.Json.JsonException { Path: { Length: > 2 } path } } => Problems.Invalid(path[2..], "has the wrong type, is not known here, stands there twice, or holds the character U+0000"),
            BadHttpRequestException bad => Problems.BadRequest("request.unreadable", ReasonOf(bad)),
            EphemeralUnavailableException or AuditUnavailableException or System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException { InnerException: System.Data.Common.DbException { IsTransient: true } } => null,
            _ => Problems.Of(StatusCodes.Status500InternalServerError, "internal", $"The server failed. If it happens again, tell the operator this id: {context.TraceIdentifier}."),
        };
        if (answer is null)
        {
            Log.Unavailable(logger, exception, context.Request.Path);
            context.Response.Headers.RetryAfter = "2";
            answer = Problems.Unavailable("unavailable", "A part of the server cannot be reached right now; nothing was changed. Try again shortly.");
        }
        else if (answer.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            Log.Failed(logger, exception, context.Request.Path, context.TraceIdentifier);
        }

        await answer.ExecuteAsync(context);
        return true;
    }

    /// <summary>Gives an answer that has a status and nothing else the form of a problem: some of the framework's own refusals are bare.</summary>
    public static Task DescribeAsync(StatusCodeContext bare)
    {
        // The gateway and the probes speak protocols of their own.
        var context = bare.HttpContext;
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequestLimits.NoRequestLimit>() is not null) return Task.CompletedTask;
        var status = context.Response.StatusCode;
        var (code, detail) = status switch
        {
            StatusCodes.Status405MethodNotAllowed => ("request.method", "This address does not take this method; /docs lists what there is."),
            StatusCodes.Status413PayloadTooLarge => ("request.too-large", "The request is larger than this endpoint takes."),
            StatusCodes.Status415UnsupportedMediaType => ("request.not-json", "Send JSON, with `Content-Type: application/json`."),
            _ => ("request.refused", "The request was refused before it was read; /docs shows what is expected."),
        };
        return Problems.Of(status, code, detail).ExecuteAsync(context);
    }

    // THREAT: what a parser says may quote what it read. Only where, never what.
    private static string ReasonOf(BadHttpRequestException bad) => bad.InnerException is System.Text.Json.JsonException json
        ? $"The body is not JSON that this endpoint takes (line {(json.LineNumber ?? 0) + 1}, byte {(json.BytePositionInLine ?? 0) + 1}); /docs shows the shape."
        : "The request cannot be read: a parameter in the address or the body has the wrong form; /docs shows what is expected.";

    private static partial class Log
    {
        [LoggerMessage(410, LogLevel.Error, "A request to {Path} failed ({TraceId})")]
        public static partial void Failed(ILogger logger, Exception failure, string path, string traceId);

        [LoggerMessage(411, LogLevel.Error, "A request to {Path} was refused: a part of the server cannot be reached")]
        public static partial void Unavailable(ILogger logger, Exception failure, string path);
    }
}
