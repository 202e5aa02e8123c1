using McpShield.Audit;
using McpShield.Contracts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Health;

/// <summary>What the program is, and whether it works.</summary>
internal static class HealthFeature
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("").WithTags("Health").ForAnyone().WithMetadata(new RequestLimits.NoRequestLimit());
        health.MapGet("/", static (ServerOptions options) => TypedResults.Ok(new ServiceInfo("mcpshield", options.Version, "/mcp", "/health"))).WithName("service.info").WithSummary("Which program this is, and where its parts are");
        health.MapGet("/health", CheckAsync).Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable).WithName("health").WithSummary("Whether everything works");
        health.MapGet("/health/ready", CheckAsync).Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable).WithName("health.ready").WithSummary("Whether this copy can take requests");
        health.MapGet("/health/live", static (ServerOptions options) => TypedResults.Ok(new HealthReport("ok", options.Version, new Dictionary<string, string>(StringComparer.Ordinal)))).WithName("health.live").WithSummary("Whether the process runs");
    }

    private static async Task<Results<Ok<HealthReport>, JsonHttpResult<HealthReport>>> CheckAsync(ServerOptions options, AuditLog audit, ProjectRegistry registry, EphemeralStores stores, CancellationToken ct)
    {
        var checks = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["audit"] = audit.IsWritable ? "ok" : "the audit log cannot be written; every call is refused",
            ["projects"] = registry.IsStale ? "projects and keys could not be read for five seconds; every call is refused" : "ok",
            ["cache"] = await CacheAsync(stores, ct),
        };
        return checks.Values.All(static check => check == "ok")
            ? TypedResults.Ok(new HealthReport("ok", options.Version, checks))
            : TypedResults.Json(new HealthReport("failing", options.Version, checks), ServiceJson.Default.HealthReport, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<string> CacheAsync(EphemeralStores stores, CancellationToken ct)
    {
        try
        {
            await stores.CheckAsync(ct);
            return "ok";
        }
        catch (EphemeralUnavailableException)
        {
            return "Redis cannot be reached; nobody can sign in";
        }
    }
}
