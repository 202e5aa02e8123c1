using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Health;

/// <summary>What the description shows.</summary>
internal static class HealthExamples
{
    public static ApiExample[] All =>
    [
        ApiExample.Of(new ServiceInfo("mcpshield", "1.0.0", "/mcp", "/health")),
        ApiExample.Of(new HealthReport("ok", "1.0.0", new Dictionary<string, string>(StringComparer.Ordinal) { ["audit"] = "ok", ["projects"] = "ok", ["cache"] = "ok" })),
    ];
}
