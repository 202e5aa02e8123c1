using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using McpShield.Data.Ephemeral;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Hosting;

/// <summary>A POST that hurts when it happens twice may carry an <c>Idempotency-Key</c>: within a day the same request gets the same answer, and another one is refused.</summary>
/// <remarks>Source: draft-ietf-httpapi-idempotency-key-header.</remarks>
internal static class Idempotency
{
    public const string Header = "Idempotency-Key";

    private const int KeyMaxLength = 128;

    /// <summary>Marks a route.</summary>
    public sealed record Retryable;

    public static TBuilder IsRetryable<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Retryable())
        .TakesHeader(Header, "A value of your own, 1 to 128 characters: a retry with the same one gets the first answer again, for a day.", KeyMaxLength);

    /// <summary>After the door: whose key it is must be known.</summary>
    public static void UseIdempotency(this IApplicationBuilder app) => app.Use(static (context, next) =>
        context.GetEndpoint()?.Metadata.GetMetadata<Retryable>() is null || context.Request.Headers[Header].Count == 0 ? next(context) : RunAsync(context, next));

    private static async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var ct = context.RequestAborted;
        if (context.Request.Headers[Header] is not [{ Length: > 0 and <= KeyMaxLength } key])
        {
            await Problems.BadRequest("idempotency.key", $"`{Header}` is one value of 1 to {KeyMaxLength} characters.").ExecuteAsync(context);
            return;
        }

        var caller = context.Features.Get<Caller>() is { } user ? $"user {user.UserId:N}" : context.Features.Get<KeyCaller>() is { } own ? $"key {own.KeyId:N}" : $"address {context.Connection.RemoteIpAddress}";
        var store = context.RequestServices.GetRequiredService<EphemeralStores>().Idempotency;
        var scope = $"{caller} {context.Request.Method} {context.Request.Path}";
        var answer = await store.BeginAsync(scope, key, await HashAsync(context.Request, ct), ct);
        switch (answer.Kind)
        {
            case IdempotencyKind.Replay:
                await ReplayAsync(context, answer.Response!);
                return;
            case IdempotencyKind.InProgress:
                await Problems.Conflict("idempotency.in-progress", "The same request is being carried out; ask again in a moment.").ExecuteAsync(context);
                return;
            case IdempotencyKind.Conflict:
                await Problems.Of(StatusCodes.Status422UnprocessableEntity, "idempotency.reused", $"This `{Header}` came with another request before; use a new one for each.").ExecuteAsync(context);
                return;
        }

        await RecordAsync(context, next, store, scope, key, answer.Run!);
    }

    private static async Task RecordAsync(HttpContext context, RequestDelegate next, IIdempotencyStore store, string scope, string key, string run)
    {
        var outside = context.Response.Body;
        using var inside = new MemoryStream();
        context.Response.Body = inside;
        var isKept = false;
        try
        {
            await next(context);
            isKept = context.Response.StatusCode < StatusCodes.Status500InternalServerError && context.Response.StatusCode != StatusCodes.Status429TooManyRequests;
            if (isKept)
            {
                var headers = ImmutableDictionary<string, string>.Empty.Add("Content-Type", context.Response.ContentType ?? "");
                if (context.Response.Headers.Location is [{ } location]) headers = headers.Add("Location", location);
                await store.CompleteAsync(scope, key, run, new(context.Response.StatusCode, headers, inside.ToArray()), CancellationToken.None);
            }
        }
        finally
        {
            context.Response.Body = outside;
            if (!isKept) await store.AbandonAsync(scope, key, run, CancellationToken.None);
        }

        await outside.WriteAsync(inside.GetBuffer().AsMemory(0, (int)inside.Length), context.RequestAborted);
    }

    private static async Task ReplayAsync(HttpContext context, StoredResponse response)
    {
        context.Response.StatusCode = response.Status;
        foreach (var (name, value) in response.Headers)
        {
            if (value.Length > 0) context.Response.Headers[name] = value;
        }

        context.Response.Headers["Idempotency-Replayed"] = "true";
        await context.Response.Body.WriteAsync(response.Body, context.RequestAborted);
    }

    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken ct)
    {
        request.EnableBuffering((int)ControlPlane.MaxBodyBytes, ControlPlane.MaxBodyBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // The query may name another organization: that is another request.
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.QueryString}\n"));
        hash.AppendData(await SHA256.HashDataAsync(request.Body, ct));
        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}
