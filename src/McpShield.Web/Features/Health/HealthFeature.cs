using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Features.Health;

internal static class HealthFeature
{
    public static void MapHealth(this IEndpointRouteBuilder app) => app.MapGet("/health", static () => TypedResults.Text("""{"status":"ok"}""", "application/json")).ShortCircuit();
}
