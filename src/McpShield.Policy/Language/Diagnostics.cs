using System.Collections.Immutable;

namespace McpShield.Policy.Language;

/// <summary>Collects what there is to say about one text. All of it, not only the first.</summary>
internal sealed class Diagnostics
{
    private const int MaxCount = 200;
    private readonly List<Diagnostic> found = [];

    public bool HasErrors { get; private set; }

    public void Error(string code, string message, YamlNode at, string? hint = null) => Error(code, message, at.Line, at.Column, hint);

    public void Error(string code, string message, int line, int column, string? hint = null)
    {
        HasErrors = true;
        if (found.Count < MaxCount) found.Add(new(Severity.Error, code, message, Math.Max(line, 1), Math.Max(column, 1), hint));
    }

    public void Warning(string code, string message, YamlNode at, string? hint = null)
    {
        if (found.Count < MaxCount) found.Add(new(Severity.Warning, code, message, at.Line, at.Column, hint));
    }

    public ImmutableArray<Diagnostic> ToArray() => [.. found.OrderBy(static item => item.Line).ThenBy(static item => item.Column)];
}
