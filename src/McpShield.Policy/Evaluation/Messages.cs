namespace McpShield.Policy.Evaluation;

/// <summary>Sentences for people. None of them holds an argument.</summary>
internal static class Messages
{
    public static string ForRule(Rule rule) => rule.Outcome switch
    {
        Outcome.Allow => $"rule {rule.Id} allows this call",
        Outcome.Approve => $"rule {rule.Id} asks a person to approve this call",
        _ => $"rule {rule.Id} denies this call",
    };
}
