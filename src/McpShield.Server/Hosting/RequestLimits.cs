using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Hosting;

/// <summary>How much one caller may ask of this process, so that nobody can take it from the others. Finer limits belong to their features.</summary>
internal static class RequestLimits
{
    private const int AnonymousPerMinute = 120;
    private const int SignedInPerMinute = 1_200;
    private const int KeyPerSecond = 2_000;

    public static IServiceCollection AddRequestLimits(this IServiceCollection services) => services.AddRateLimiter(static limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(static context =>
        {
            if (context.Features.Get<KeyCaller>() is { } key) return Window($"key {key.KeyId:N}", KeyPerSecond, TimeSpan.FromSeconds(1));
            if (context.Features.Get<Caller>() is { } caller) return Window($"user {caller.UserId:N}", SignedInPerMinute, TimeSpan.FromMinutes(1));
            if (context.GetEndpoint()?.Metadata.GetMetadata<Guard>() is not Guard.Anyone || context.GetEndpoint()?.Metadata.GetMetadata<NoRequestLimit>() is not null) return RateLimitPartition.GetNoLimiter("");
            return Window($"address {Visitor(context)}", AnonymousPerMinute, TimeSpan.FromMinutes(1));
        });
        limiter.OnRejected = static async (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            await Problems.TooMany(rejected.HttpContext, "requests.too-many", "Too many requests at once; wait as `Retry-After` says and try again.", wait).ExecuteAsync(rejected.HttpContext);
        };
    });

    /// <summary>A route that machines of the operator ask often: probes, metrics, the gateway with its own limits.</summary>
    public sealed record NoRequestLimit;

    private static string Visitor(HttpContext context) => context.RequestServices.GetRequiredService<Visitors>().Address(context);

    private static RateLimitPartition<string> Window(string who, int permits, TimeSpan window) =>
        RateLimitPartition.GetFixedWindowLimiter(who, _ => new() { PermitLimit = permits, Window = window, QueueLimit = 0 });
}
