using System.Collections.Immutable;

namespace McpShield.Policy.Redaction;

/// <summary>Where something was found, and by whom. Never what.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Filter">The filter that asked for it.</param>
/// <param name="Action">What was done.</param>
/// <param name="Start">UTF-16 code units from the start of the original string; of a number or member name from its own start.</param>
/// <param name="Length">UTF-16 code units of the original.</param>
/// <param name="Pointer">Which value of a JSON document, as an RFC 6901 pointer in which member names that were rewritten stand rewritten; <c>null</c> for plain text.</param>
/// <param name="IsName">Whether it was found in the name of that member, not in its value.</param>
public sealed record Finding(string Detector, string Filter, FilterAction Action, int Start, int Length, string? Pointer = null, bool IsName = false);

/// <summary>Why nothing passes.</summary>
public enum BlockCause
{
    /// <summary>Something went wrong while looking. Zero: a cause nobody gave is a failure.</summary>
    Failure,

    /// <summary>Nothing is blocked.</summary>
    None,

    /// <summary>A filter that blocks found something.</summary>
    Finding,

    /// <summary>Too large, too deep or too many findings to be looked at.</summary>
    TooLarge,
}

/// <summary>What came of a text.</summary>
/// <param name="Text">The text that may pass; empty when blocked, the same instance when nothing changed.</param>
/// <param name="Findings">In order of their position; they do not overlap.</param>
/// <param name="Cause">Why it is blocked.</param>
/// <param name="Tags">Names of the filters with action tag that found something, in ordinal order.</param>
public sealed record TextRedaction(string Text, ImmutableArray<Finding> Findings, BlockCause Cause, ImmutableArray<string> Tags)
{
    /// <summary>Whether nothing may pass.</summary>
    public bool IsBlocked => Cause is not BlockCause.None;
}

/// <summary>What came of a JSON document.</summary>
/// <param name="Rewritten">The document that may pass, UTF-8; empty when nothing changed and when blocked.</param>
/// <param name="Findings">In document order.</param>
/// <param name="Cause">Why it is blocked.</param>
/// <param name="Tags">Names of the filters with action tag that found something, in ordinal order.</param>
public sealed record JsonRedaction(ReadOnlyMemory<byte> Rewritten, ImmutableArray<Finding> Findings, BlockCause Cause, ImmutableArray<string> Tags)
{
    /// <summary>Whether nothing may pass.</summary>
    public bool IsBlocked => Cause is not BlockCause.None;

    /// <summary>Whether <see cref="Rewritten"/> takes the document's place.</summary>
    public bool IsChanged => !Rewritten.IsEmpty;
}
