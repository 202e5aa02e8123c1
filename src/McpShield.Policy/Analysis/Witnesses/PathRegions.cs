using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>Path arguments: in each prefix, beside it, outside, without canonical form, absent; each with every extension.</summary>
internal sealed class PathRegions
{
    private readonly SortedSet<string> prefixes = new(StringComparer.Ordinal);
    private readonly SortedSet<string> extensions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> globs = new(StringComparer.Ordinal);
    private readonly SortedSet<string> named = new(StringComparer.Ordinal);
    private readonly HashSet<PolicySettings> settings = [];
    private readonly HashSet<string> byName = new(StringComparer.Ordinal); // the same condition twice is one question
    private bool hasGlobs;

    public bool IsByName => byName.Count > 0;

    public void Add(string key, YamlNode value, PolicySettings of)
    {
        settings.Add(of);
        var (items, about) = ValueLists.Read(value);
        if (about is null) byName.Add($"{key} {string.Join('\n', items)}");
        else named.UnionWith(about);
        foreach (var item in items)
        {
            if (key == "path_prefix" && CanonicalPath.Of(item, of.PathStyle, of.WorkingDirectory, out _) is { } prefix) prefixes.Add(prefix);
            else if (key == "path_extension") extensions.Add(item.StartsWith('.') ? item : "." + item);
            else if (key.EndsWith("glob", StringComparison.Ordinal)) globs.Add(item);
        }

        hasGlobs |= key.EndsWith("glob", StringComparison.Ordinal);
    }

    public IEnumerable<Dimension> Build(ParameterRegions parameters, HashSet<string> unproved)
    {
        if (settings.Count == 0) yield break;
        if (settings.Select(static one => one.PathStyle).Distinct().Count() > 1) unproved.Add("the two policies write paths in different styles");
        if (hasGlobs) unproved.Add("how path globs overlap is tried, not proved");
        var values = Values().Distinct(StringComparer.Ordinal).Select(JsonTexts.Quote).Append("7").ToList();
        foreach (var pointer in named) parameters.AddValues(pointer, values);

        // A test that is looked at through the path's name as well as its own gets the same values.
        foreach (var pointer in parameters.Pointers.Where(static pointer => ArgumentSelector.KindOfName(pointer[(pointer.LastIndexOf('/') + 1)..]) is ArgumentKind.Path)) parameters.AddValues(pointer, values);
        if (byName.Count == 0) yield break;
        if (byName.Count > 2) unproved.Add("more path conditions stand together than values were tried at once");

        var free = ((string[])["/path", "/source", "/destination", "/file"]).Except(parameters.Pointers, StringComparer.Ordinal).Take(2).ToArray();
        yield return ValueLists.Subsets("paths", free, values, atMost: Math.Min(byName.Count, 2));
    }

    private IEnumerable<string> Values()
    {
        var isWindows = settings.Any(static one => one.PathStyle is PathStyle.Windows);
        var separator = isWindows ? '\\' : '/';
        var root = isWindows ? @"Q:\" : "/";
        var outside = root + "zz-outside";
        foreach (var ending in extensions.Prepend(""))
        {
            foreach (var prefix in prefixes) yield return prefix.TrimEnd(separator) + separator + "zz" + ending;
            yield return outside + ending;
        }

        foreach (var prefix in prefixes)
        {
            yield return prefix;
            if (prefix.Length > root.Length) yield return prefix + "zz";
        }

        foreach (var glob in globs)
        {
            var concrete = glob.Replace("**", "zz", StringComparison.Ordinal).Replace('*', 'z').Replace('?', 'z');
            yield return concrete.StartsWith(root[0]) || isWindows ? concrete : root + concrete;
            yield return (concrete.StartsWith(root[0]) || isWindows ? concrete : root + concrete) + "zz";
            foreach (var prefix in prefixes) yield return prefix.TrimEnd(separator) + separator + concrete.TrimStart(separator);
        }

        yield return ".." + separator + ".." + separator + ".." + separator + ".." + separator + ".." + separator + ".." + separator + ".." + separator + "zz";
        if (settings.Any(static one => one.WorkingDirectory is not null)) yield return "zz-relative";
    }
}
