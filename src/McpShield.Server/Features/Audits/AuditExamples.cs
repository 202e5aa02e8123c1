using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Server.Features.Policies;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Audits;

/// <summary>What the description shows.</summary>
internal static class AuditExamples
{
    /// <summary>The export of one entry.</summary>
    public const string JsonLine = """{"id":"0199f5a0-0005-7000-8000-000000000001","kind":"decision","timestamp":"2026-11-25T09:30:12.345+00:00","tool_name":"fs.read_text_file","decision":"allow","policy_rule_matched":"read-docs"}""" + "\n";

    /// <summary>What a listener hears.</summary>
    public const string Stream = "event: audit\nid: 0199f5a0-0005-7000-8000-000000000001\ndata: {\"id\":\"0199f5a0-0005-7000-8000-000000000001\",\"kind\":\"decision\",\"decision\":\"allow\"}\n\n";

    private static readonly AuditResponse Entry = new(
        Sample.Decision, "decision", Sample.Now, Sample.Project, Sample.Tool, "allow", Sample.Rule, "rule", "rule `read-docs` allows it", "enforced", "editor", Sample.Key.ToString("D"), "succeeded", 12.5,
        Mode: null, Action: null, Actor: null, ActorUserId: null, TargetType: null, TargetId: null, new("tools/call", "203.0.113.7", [], []));

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
