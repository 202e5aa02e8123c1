namespace McpShield.Adapters;

/// <summary>How a statement that was let through failed.</summary>
public enum StatementFailureKind
{
    /// <summary>The database said no.</summary>
    Engine,

    /// <summary>It ran longer than allowed and was stopped.</summary>
    TimedOut,

    /// <summary>Its result is larger than allowed.</summary>
    TooLarge,

    /// <summary>The caller no longer wanted it.</summary>
    Cancelled,
}

/// <summary>A statement failed while it ran. The message is for whoever wrote the statement.</summary>
public sealed class StatementFailureException : Exception
{
    /// <summary>Creates it.</summary>
    public StatementFailureException(StatementFailureKind kind, string message) : base(message) => Kind = kind;

    /// <summary>How it failed.</summary>
    public StatementFailureKind Kind { get; }
}
