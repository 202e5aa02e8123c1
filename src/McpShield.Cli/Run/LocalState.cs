using System.Globalization;

namespace McpShield.Cli.Run;

/// <summary>Where a local gateway keeps what nobody named a place for.</summary>
internal static class LocalState
{
    private static string Root => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data ? data : Path.GetTempPath(), "mcpshield");

    /// <summary>The key that signs the beginning and end of every audit stream of this user.</summary>
    public static string AuditKey => Path.Combine(Root, "audit.key");

    /// <summary>One file a process: two clients that start a gateway each do not wait for one another.</summary>
    public static string AuditFile(TimeProvider clock) => Path.Combine(Root, "audit", string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyyMMdd-HHmmss}-{Environment.ProcessId}.jsonl"));
}
