namespace McpShield.Policy.Evaluation;

/// <summary>Sentences for people. None of them holds an argument.</summary>
internal static class Messages
{
    public const string DefaultAllows = "no rule matched, and the policy's default is allow";

    public static string ForRule(string id, Outcome outcome) => outcome switch
    {
        Outcome.Allow => $"rule {id} allows this call",
        Outcome.Approve => $"rule {id} asks a person to approve this call",
        _ => $"rule {id} denies this call",
    };
}
