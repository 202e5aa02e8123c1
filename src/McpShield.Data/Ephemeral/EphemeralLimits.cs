namespace McpShield.Data.Ephemeral;

/// <summary>What the operator may choose about sessions and codes.</summary>
public sealed record EphemeralLimits
{
    /// <summary>What holds where nothing is chosen.</summary>
    public static EphemeralLimits Default { get; } = new();

    /// <summary>How long a remembered session lives after its last refresh.</summary>
    public TimeSpan RememberedLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Wrong tries before a code is void.</summary>
    public int CodeTries { get; init; } = ICodeStore.MaxTries;
}
