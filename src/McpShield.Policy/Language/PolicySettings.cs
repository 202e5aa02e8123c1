using McpShield.Policy.Conditions.Paths;

namespace McpShield.Policy.Language;

/// <summary>What a policy says once for all its rules.</summary>
/// <param name="PathStyle">How paths are written.</param>
/// <param name="WorkingDirectory">Canonical base of relative paths; <c>null</c>: a relative path is an error.</param>
internal sealed record PolicySettings(PathStyle PathStyle, string? WorkingDirectory)
{
    public static PolicySettings Default { get; } = new(PathStyle.Posix, null);
}
