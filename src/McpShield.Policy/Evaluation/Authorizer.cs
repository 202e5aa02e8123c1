namespace McpShield.Policy.Evaluation;

/// <summary>The policy decision point. Same input, same answer: no clock, no I/O, no state.</summary>
public static class Authorizer
{
    /// <summary>Decides one call.</summary>
    public static Decision Decide(CompiledPolicy policy, ToolCall call) =>
        new() { Outcome = Outcome.Deny, Reason = Reason.Default, Message = "not decided" };
}
