using McpShield.Gateway.Enforcement;
using McpShield.Policy.Evaluation;

namespace McpShield.Cli;

/// <summary>Calls as they stand in a file, decided one after another with rate limits counted between them.</summary>
internal static class RequestLines
{
    /// <summary>Decides the call of one line. A line that is no valid call is denied, as it would be in the gateway: each line has its answer.</summary>
    public static Decision Decide(CompiledPolicy policy, RateLimiter limits, string line)
    {
        try
        {
            return Decide(policy, limits, CallText.Read(line));
        }
        catch (CallFormatException invalid)
        {
            return new() { Outcome = Outcome.Deny, Reason = Reason.InvalidRequest, Message = invalid.Message };
        }
    }

    public static Decision Decide(CompiledPolicy policy, RateLimiter limits, CallText call)
    {
        var decision = call.Explain(policy);
        // A policy in shadow takes nothing from its limits.
        return policy.IsShadow ? decision : limits.Apply(decision, call.Context.Time);
    }
}
