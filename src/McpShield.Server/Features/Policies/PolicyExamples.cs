using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Policies;

/// <summary>What the description shows.</summary>
internal static class PolicyExamples
{
    /// <summary>An error of a policy text.</summary>
    public static PolicyDiagnostic Diagnostic { get; } = new("error", 6, 15, "unknown_value", "`permit` is no decision", "did you mean `allow`?");

    /// <summary>The arguments of a call.</summary>
    public static JsonElement Arguments { get; } = JsonSerializer.SerializeToElement(new JsonObject { ["path"] = "/data/docs/readme.md" });

    private static readonly PolicyCall Call = new(Sample.Tool, Arguments);
    private static readonly ExplainedDecision Denied = new("deny", Rule: null, "default", "no rule matches, and the default is deny", [], []);
    private static readonly ExplainedDecision Allowed = new("allow", Sample.Rule, "rule", "rule `read-docs` allows it", [], [], [new(Sample.Rule, "allow", Matched: true, [new("path_prefix", "true", [])])]);

    public static ApiExample[] All =>
    [
        ApiExample.Of(new PutPolicyRequest(Sample.Policy, "reading the docs is fine")),
        ApiExample.Of(new RestorePolicyRequest("the last change was too wide")),
        ApiExample.Of(new PolicyTextRequest(Sample.Policy)),
        ApiExample.Of(new PolicyResponse(Sample.Policy, 2, Sample.PolicyHash, Sample.Now, Sample.Name, "reading the docs is fine")),
        ApiExample.Of(new GatewayPolicyResponse(Sample.Project, Sample.Policy, 2, Sample.PolicyHash, "dev")),
        ApiExample.Of(new PolicyValidationResponse(Valid: false, [Diagnostic])),
        ApiExample.Of(new PolicyVersionResponse(2, Sample.PolicyHash, Sample.Name, "reading the docs is fine", Sample.Now, IsCurrent: true, Sample.Policy, "more_permissive", Proved: true, ["@@ -3,2 +3,3 @@", " default: deny", "-rules: []", "+rules:", "+  - id: read-docs"])),
        ApiExample.PageOf(new PolicyVersionSummary(2, Sample.PolicyHash, Sample.Name, "reading the docs is fine", Sample.Now, IsCurrent: true)),
        ApiExample.Of(new PolicyDiffResponse(1, "more_permissive", Proved: true, [], [new(Call, MorePermissive: true, Denied, Allowed)], [])),
        ApiExample.Of(new TryPolicyRequest(Sample.Policy, Sample.Tool, Arguments)),
        ApiExample.Of(Allowed),
        ApiExample.Of(new SimulatePolicyRequest(Sample.Policy, [Call])),
        ApiExample.Of(new SimulationResponse(1, 1, 1, 0, [new(Call, CallId: null, Recorded: null, Changed: true, Denied, Allowed)])),
    ];
}
