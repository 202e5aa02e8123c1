using System.Collections.Immutable;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Policy.Redaction;

/// <summary>One text or document on its way: what was found so far, and whether it may pass.</summary>
internal sealed class RedactionRun(TextPass pass)
{
    private const int MaxFindings = 50_000;

    /// <summary>JSON in text in JSON in text…: deeper than this is no message but an attempt.</summary>
    private const int MaxDepth = 8;

    private static readonly JsonLimits InText = new(4 * Redactor.MaxText, 64, 200_000);
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly ImmutableArray<Finding>.Builder findings = ImmutableArray.CreateBuilder<Finding>();
    private readonly SortedSet<string> tags = new(StringComparer.Ordinal);

    public BlockCause Cause { get; private set; } = BlockCause.None;

    public ImmutableArray<Finding> Findings => findings.ToImmutable();

    public ImmutableArray<string> Tags => [.. tags];

    /// <summary>The string as it may pass; the same instance when nothing in it changes.</summary>
    public string Rewrite(string text, string name, int depth, out List<Hit> hits)
    {
        if (text.Length > Redactor.MaxText) return Stop(text, out hits);
        if (text.AsSpan().Trim() is not (['{', .., '}'] or ['[', .., ']'])) return RewritePlain(text, name, out hits);

        if (TryEncode(text) is not { } utf8) return RewritePlain(text, name, out hits);
        if (!JsonTree.TryRead(utf8, InText, out var tree, out var fault))
        {
            return fault.Kind is JsonFaultKind.TooLarge or JsonFaultKind.TooDeep or JsonFaultKind.TooManyNodes ? Stop(text, out hits) : RewritePlain(text, name, out hits);
        }

        using (tree)
        {
            if (depth == MaxDepth) return Stop(text, out hits);
            var inner = new List<Hit>();
            var rewritten = new JsonPass(this, depth + 1, new TextPositions(utf8, inner).Report).Rewrite(tree!.Root);
            hits = inner;
            return rewritten.IsEmpty ? text : Strict.GetString(rewritten.Span);
        }
    }

    /// <summary>The string as it may pass, not looked at as JSON.</summary>
    public string RewritePlain(string text, string name, out List<Hit> hits)
    {
        if (text.Length > Redactor.MaxText || pass.Rewrite(text, name, out hits) is not { } rewritten) return Stop(text, out hits);
        foreach (var hit in hits)
        {
            if (hit.Action is FilterAction.Block) Cause = BlockCause.Finding;
            tags.UnionWith(hit.Armed.Tags);
        }

        return rewritten;
    }

    public void Report(in Hit hit, int start, int length, string? pointer, bool isName)
    {
        if (findings.Count < MaxFindings) findings.Add(new(hit.Armed.Detector.Name, hit.Armed.Filter, hit.Action, start, length, pointer, isName));
        else Cause = BlockCause.TooLarge;
    }

    private string Stop(string text, out List<Hit> hits)
    {
        hits = [];
        Cause = BlockCause.TooLarge;
        return text;
    }

    private static byte[]? TryEncode(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}
