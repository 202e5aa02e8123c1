using McpShield.Contracts;
using McpShield.Server.Features.Policies;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Evaluation;

/// <summary>What the description shows.</summary>
internal static class EvaluationExamples
{
    public static ApiExample[] All =>
    [
        ApiExample.Of(new EvaluateRequest(Sample.Tool, PolicyExamples.Arguments, "support-chat-17")),
        ApiExample.Of(new EvaluateResponse(
            "allow", Sample.Rule, "rule", "rule `read-docs` allows it", [], [new("max_result_bytes", MaxResultBytes: 65_536)], Sample.Decision)),
    ];
}
