namespace McpShield.Adapters.Sqlite;

/// <summary>What one statement may cost.</summary>
public sealed record SqliteLimits
{
    /// <summary>The defaults.</summary>
    public static SqliteLimits Default { get; } = new();

    /// <summary>Rows beyond this are cut, and the caller is told.</summary>
    public int MaxRows { get; init; } = 500;

    /// <summary>Bytes of all values together; a larger result is refused whole.</summary>
    public int MaxResultBytes { get; init; } = 1024 * 1024;

    /// <summary>A statement still running after this is stopped.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Characters of a statement.</summary>
    public int MaxStatementLength { get; init; } = 64 * 1024;

    /// <summary>Connections that are kept, and so statements that run side by side.</summary>
    public int MaxConnections { get; init; } = 4;
}
