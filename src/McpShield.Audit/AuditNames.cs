namespace McpShield.Audit;

/// <summary>The names of records' kinds and of decisions' sources, as they stand in envelopes and databases.</summary>
public static class AuditNames
{
    private static readonly string[] Kinds = [.. Enum.GetNames<RecordKind>().Select(static name => name.ToLowerInvariant())];
    private static readonly string[] Sources = [.. Enum.GetNames<DecisionSource>().Select(static name => name.ToLowerInvariant())];

    /// <summary>For instance <c>decision</c>.</summary>
    public static string Of(RecordKind kind) => Kinds[(int)kind];

    /// <summary><c>enforced</c> or <c>reported</c>.</summary>
    public static string Of(DecisionSource source) => Sources[(int)source];
}
