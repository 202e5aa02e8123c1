using System.Globalization;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Policy.Conditions;

internal enum ArgumentKind
{
    Neither,
    Path,
    Url,
}

/// <summary>A leaf of the arguments, and where it stands.</summary>
internal readonly record struct SelectedArgument(string Pointer, JsonView Value);

/// <summary>Which arguments a path or URL condition looks at, when it names none itself (policy language, section 2).</summary>
internal static class ArgumentSelector
{
    private static readonly HashSet<string> PathNames = new(StringComparer.Ordinal)
    {
        "path", "paths", "file", "files", "filename", "filenames", "filepath", "dir", "dirs", "directory", "folder", "root", "cwd",
        "source", "src", "destination", "dest", "dst", "target", "old_path", "new_path",
    };

    private static readonly string[] PathEndings = ["_path", "_paths", "_file", "_files", "_filename", "_dir", "_directory", "_folder"];

    private static readonly HashSet<string> UrlNames = new(StringComparer.Ordinal)
    {
        "url", "urls", "uri", "uris", "href", "link", "links", "endpoint", "webhook", "callback",
    };

    private static readonly string[] UrlEndings = ["_url", "_urls", "_uri", "_uris", "_href", "_endpoint", "_webhook", "_callback"];

    public static List<SelectedArgument> Select(JsonView arguments, ArgumentKind kind)
    {
        var found = new List<SelectedArgument>();
        Walk(arguments, new StringBuilder(), ArgumentKind.Neither, kind, found);
        return found;
    }

    /// <summary>Every leaf of the arguments that a condition names.</summary>
    public static List<SelectedArgument> Named(JsonView arguments, IReadOnlyList<ParameterName> names)
    {
        var found = new List<SelectedArgument>();
        foreach (var name in names)
        {
            if (name.Find(arguments) is { Exists: true } value) Leaves(value, new StringBuilder(name.Pointer), found);
        }

        return found;
    }

    public static bool LooksLikeUrl(string text)
    {
        var start = text.AsSpan().TrimStart();
        var colon = start.IndexOf(':');

        // THREAT: `C:\\Windows` is a path with a doubled separator; taken for a URL, no path rule would see it. No scheme is one letter.
        return colon > 1
            && Urls.CanonicalUrl.IsScheme(start[..colon])
            && start.Length > colon + 2
            && start[colon + 1] is '/' or '\\'
            && start[colon + 2] is '/' or '\\'
            && !start[..colon].Equals("file", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>`filePath`, `FilePath` and `file_path` are one name.</summary>
    public static string FoldName(string name)
    {
        if (!name.AsSpan().ContainsAnyInRange('A', 'Z') && Ascii.IsValid(name)) return name;
        var folded = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            var isWordStart = i > 0 && char.IsUpper(name[i]) && name[i - 1] != '_'
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (isWordStart) folded.Append('_');
            folded.Append(char.ToLowerInvariant(name[i]));
        }

        return folded.ToString();
    }

    private static void Walk(JsonView value, StringBuilder pointer, ArgumentKind enclosing, ArgumentKind wanted, List<SelectedArgument> found)
    {
        var length = pointer.Length;
        switch (value.Kind)
        {
            case JsonKind.Object:
                foreach (var (key, member) in value.Members)
                {
                    var name = key.GetString();
                    AppendStep(pointer, name);
                    Walk(member, pointer, KindOfName(name), wanted, found);
                    pointer.Length = length;
                }

                break;

            case JsonKind.Array:
                var index = 0;
                foreach (var item in value.Items)
                {
                    pointer.Append('/').Append(index++.ToString(CultureInfo.InvariantCulture));
                    Walk(item, pointer, enclosing, wanted, found);
                    pointer.Length = length;
                }

                break;

            case not JsonKind.Undefined:
                if (KindOfLeaf(value, enclosing) == wanted) found.Add(new(pointer.ToString(), value));
                break;
        }
    }

    private static void Leaves(JsonView value, StringBuilder pointer, List<SelectedArgument> found)
    {
        var length = pointer.Length;
        if (value.Kind is not (JsonKind.Object or JsonKind.Array))
        {
            found.Add(new(pointer.ToString(), value));
            return;
        }

        foreach (var (key, member) in value.Members)
        {
            AppendStep(pointer, key.GetString());
            Leaves(member, pointer, found);
            pointer.Length = length;
        }

        var index = 0;
        foreach (var item in value.Items)
        {
            pointer.Append('/').Append(index++.ToString(CultureInfo.InvariantCulture));
            Leaves(item, pointer, found);
            pointer.Length = length;
        }
    }

    // The value goes first: what is plainly a URL is one under any name.
    private static ArgumentKind KindOfLeaf(JsonView value, ArgumentKind enclosing)
    {
        if (value.AsString() is not { } text) return enclosing;
        if (text.AsSpan().TrimStart().StartsWith("file:", StringComparison.OrdinalIgnoreCase)) return ArgumentKind.Path;
        return LooksLikeUrl(text) ? ArgumentKind.Url : enclosing;
    }

    private static ArgumentKind KindOfName(string name)
    {
        var folded = FoldName(name);
        if (PathNames.Contains(folded) || Array.Exists(PathEndings, ending => folded.EndsWith(ending, StringComparison.Ordinal))) return ArgumentKind.Path;
        if (UrlNames.Contains(folded) || Array.Exists(UrlEndings, ending => folded.EndsWith(ending, StringComparison.Ordinal))) return ArgumentKind.Url;
        return ArgumentKind.Neither;
    }

    private static void AppendStep(StringBuilder pointer, string name) =>
        pointer.Append('/').Append(name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
}
