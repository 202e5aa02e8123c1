using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Server.Features.Policies;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Audits;

/// <summary>What the description shows.</summary>
internal static class AuditExamples
{
    private static readonly AuditResponse Entry = new(
        Sample.Decision, "decision", Sample.Now, Sample.Project, Sample.Tool, "allow", Sample.Rule, "rule", "rule `read-docs` allows it", "enforced", "editor", Sample.Key.ToString("D"), "succeeded", 12.5,
        Mode: null, Action: null, Actor: null, ActorUserId: null, TargetType: null, TargetId: null, new("tools/call", "203.0.113.7", [], []));

    /// <summary>The export of one entry.</summary>
    public static string JsonLine => JsonSerializer.Serialize(Entry, AuditsJson.Default.AuditResponse) + "\n";

    /// <summary>What a listener hears.</summary>
    public static string Stream => $"event: audit\ndata: {JsonLine}id: {Entry.Id:D}\n\n";

    public static ApiExample[] All =>
    [
        ApiExample.PageOf(Entry),
        ApiExample.Of(new AuditStoryResponse(
            Entry,
            JsonSerializer.SerializeToElement(new JsonObject { ["id"] = Sample.Decision.ToString("D"), ["kind"] = "decision", ["tool"] = Sample.Tool, ["decision"] = "allow" }),
            JsonSerializer.SerializeToElement(new JsonObject { ["arguments"] = JsonNode.Parse(PolicyExamples.Arguments.GetRawText()) }),
            JsonSerializer.SerializeToElement(new JsonObject { ["kind"] = "outcome", ["status"] = "succeeded" }),
            OutcomePayload: null,
            new(Sample.Stream, 1_042, Sample.PolicyHash))),
        ApiExample.Of(new AuditVerificationResponse(Holds: true, 2, 18_204, Fault: null)),
    ];
}
