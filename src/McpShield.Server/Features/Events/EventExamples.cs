using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Events;

/// <summary>What the description shows.</summary>
internal static class EventExamples
{
    // No time: what is older than 30 days is not taken, and an example grows old.
    private static readonly IngestEvent One = new(
        ToolName: Sample.Tool, Decision: "allow", EventType: "policy_check", EventId: "run-17/call-3", DurationMs: 42, Outcome: "succeeded",
        Metadata: JsonSerializer.SerializeToElement(new JsonObject { ["model"] = "small", ["attempt"] = 1 }));

    public static ApiExample[] All =>
    [
        ApiExample.Of(One),
        ApiExample.Of(new IngestEventsRequest([One, new(ToolName: "fs.write_file", Decision: "deny", EventId: "run-17/call-4")])),
        ApiExample.Of(new IngestResponse(2, 0, new("2026-11", 8_120, 10_000, 81.2, new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero)), "8,120 of the 10,000 events that the Free plan includes in 2026-11 are used.")),
    ];
}
