using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Language;

/// <summary>Reads a policy text, strictly: what is not understood is refused, with the place where it stands.</summary>
/// <remarks>Source: policy language, section 1.</remarks>
public static class PolicyLoader
{
    /// <summary>Reads <paramref name="yaml"/>. Never throws for what the text holds.</summary>
    /// <param name="yaml">The policy.</param>
    /// <param name="ct">Ends the proof of assertions, which is the only part that can take long.</param>
    public static PolicyLoadResult Load(string yaml, CancellationToken ct = default)
    {
        var diagnostics = new Diagnostics();
        CompiledPolicy? policy = null;
        if (YamlReader.Read(yaml, diagnostics) is { } root)
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)));
            policy = new PolicyReader(diagnostics).Read(root, hash, ct);
        }

        return new(diagnostics.HasErrors ? null : policy, diagnostics.ToArray());
    }
}

/// <summary>What became of a policy text.</summary>
/// <param name="Policy">The policy, or <c>null</c> when there is at least one error.</param>
/// <param name="Diagnostics">Errors and warnings, in the order of the text.</param>
public sealed record PolicyLoadResult(CompiledPolicy? Policy, ImmutableArray<Diagnostic> Diagnostics);

/// <summary>How grave a diagnostic is.</summary>
public enum Severity
{
    /// <summary>The policy is refused.</summary>
    Error,

    /// <summary>The policy loads, and probably means something else than its author thinks.</summary>
    Warning,
}

/// <summary>Something to say about a place in a policy.</summary>
/// <param name="Severity">How grave.</param>
/// <param name="Code">A stable, kebab-case code.</param>
/// <param name="Message">Lower case, no final stop, user input in backticks.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 code units.</param>
/// <param name="Hint">How to mend it, or <c>null</c>.</param>
public sealed record Diagnostic(Severity Severity, string Code, string Message, int Line, int Column, string? Hint = null);
