namespace McpShield.Policy.Evaluation;

/// <summary>A policy that was loaded and may be asked. Immutable; safe for concurrent use.</summary>
public sealed class CompiledPolicy
{
    /// <summary>SHA-256 of the source text, as 64 hexadecimal digits: names the version in every record.</summary>
    public string Hash { get; } = "";

    /// <summary>Whether some call of <paramref name="tool"/> could be allowed or sent for approval; decides what is listed to agents.</summary>
    public bool CouldAllow(string tool) => Hash.Length > 0 && tool.Length > 0;
}
