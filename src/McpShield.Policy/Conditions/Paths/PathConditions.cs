using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Paths;

/// <summary>A test of every path argument: inside is true, outside is false, no canonical form is an error.</summary>
internal abstract class PathCondition(string key, IReadOnlyList<ParameterName>? parameters) : Condition(key)
{
    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        call.Note("symlinks: not_checked"); // a remote server's file system cannot be seen from here
        var (result, isFirst) = (Truth.False, true);
        foreach (ref readonly var value in call.PathsIn(parameters))
        {
            var truth = value.Problem is not null
                ? call.Meet(Truth.Error, value.Code, value.Problem, value.Pointer)
                : IsInside(value.Path.Span) ? Truth.True : call.Meet(Truth.False, DetailCode.OutsidePrefix, OutsideMessage, value.Pointer);
            result = reading.Combine(result, truth, isFirst);
            isFirst = false;
        }

        return result;
    }

    protected abstract string OutsideMessage { get; }

    protected abstract bool IsInside(ReadOnlySpan<char> path);
}

/// <summary><c>path_prefix</c>: below one of the prefixes.</summary>
internal sealed class PathPrefixCondition(IReadOnlyList<string> prefixes, PathStyle style, IReadOnlyList<ParameterName>? parameters) : PathCondition("path_prefix", parameters)
{
    private readonly string[] roots = [.. prefixes];

    protected override string OutsideMessage => "the path lies outside every prefix of the rule";

    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (Selection.Read(node, scope) is not { } given) return null;
        var prefixes = new List<string>();
        foreach (var (text, at) in given.Texts)
        {
            var prefix = CanonicalPath.Of(text, scope.Settings.PathStyle, scope.Settings.WorkingDirectory, out var problem);
            if (prefix is not null) prefixes.Add(prefix);
            else scope.Diagnostics.Error("path", $"`{text}` has no canonical form: {problem}", at, "write an absolute path without `..`, `~` and encoded characters");
        }

        return new PathPrefixCondition(prefixes, scope.Settings.PathStyle, given.Parameters);
    }

    protected override bool IsInside(ReadOnlySpan<char> path)
    {
        foreach (var root in roots)
        {
            if (CanonicalPath.IsInside(path, root, style)) return true;
        }

        return false;
    }
}

/// <summary><c>path_extension</c>: the last segment ends in one of the extensions.</summary>
internal sealed class PathExtensionCondition(IReadOnlyList<string> extensions, PathStyle style, IReadOnlyList<ParameterName>? parameters) : PathCondition("path_extension", parameters)
{
    protected override string OutsideMessage => "the file's extension is not among those of the rule";

    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (Selection.Read(node, scope) is not { } given) return null;
        foreach (var (text, at) in given.Texts)
        {
            if (text.TrimStart('.').Length == 0 || text.AsSpan().ContainsAny('/', '\\', '*')) scope.Diagnostics.Error("extension", $"`{text}` is not a file extension", at, "write `.csv` or `csv`");
        }

        return new PathExtensionCondition([.. given.Texts.Select(static value => value.Text.StartsWith('.') ? value.Text : "." + value.Text)], scope.Settings.PathStyle, given.Parameters);
    }

    protected override bool IsInside(ReadOnlySpan<char> path)
    {
        var comparison = style is PathStyle.Windows ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var name = path[(path.LastIndexOf(style is PathStyle.Posix ? '/' : '\\') + 1)..];
        for (var i = 0; i < extensions.Count; i++)
        {
            // `.bashrc` is a name, not an extension.
            if (name.Length > extensions[i].Length && name.EndsWith(extensions[i], comparison)) return true;
        }

        return false;
    }
}

/// <summary><c>path_glob</c>: one of the globs matches.</summary>
internal sealed class PathGlobCondition(IReadOnlyList<PathGlob> globs, IReadOnlyList<ParameterName>? parameters) : PathCondition("path_glob", parameters)
{
    protected override string OutsideMessage => "the path matches no glob of the rule";

    public static Condition? Read(YamlNode node, ConditionScope scope) =>
        Selection.Read(node, scope) is { } given && PathGlob.ReadAll(given, scope) is { } globs ? new PathGlobCondition(globs, given.Parameters) : null;

    protected override bool IsInside(ReadOnlySpan<char> path) => PathGlob.AnyMatches(globs, path);
}

/// <summary><c>denied_path_glob</c>: none of the globs matches.</summary>
internal sealed class DeniedPathGlobCondition(IReadOnlyList<PathGlob> globs, IReadOnlyList<ParameterName>? parameters) : PathCondition("denied_path_glob", parameters)
{
    protected override string OutsideMessage => "the path matches a denied glob";

    public static Condition? Read(YamlNode node, ConditionScope scope) =>
        Selection.Read(node, scope) is { } given && PathGlob.ReadAll(given, scope) is { } globs ? new DeniedPathGlobCondition(globs, given.Parameters) : null;

    protected override bool IsInside(ReadOnlySpan<char> path) => !PathGlob.AnyMatches(globs, path);
}
