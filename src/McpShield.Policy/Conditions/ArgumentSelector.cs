using System.Collections.Frozen;
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

/// <summary>A leaf of the arguments.</summary>
/// <param name="Pointer">Where it stands; <c>null</c> when nobody wants to know.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Kind">What it is by its name or value; neither, when a condition names it.</param>
internal readonly record struct SelectedArgument(string? Pointer, JsonView Value, ArgumentKind Kind);

/// <summary>Which arguments a path or URL condition looks at, when it names none itself (policy language, section 2).</summary>
internal static class ArgumentSelector
{
    /// <summary>How far into a text its scheme and the two slashes can reach, when no white space stands before.</summary>
    internal const int SchemeReach = 40;

    private const int MaxPlainName = 64;

    private static readonly string[] PathNames =
    [
        "path", "paths", "file", "files", "filename", "filenames", "filepath", "dir", "dirs", "directory", "folder", "root", "cwd",
        "source", "src", "destination", "dest", "dst", "target", "old_path", "new_path",
    ];

    private static readonly string[] PathEndings = ["_path", "_paths", "_file", "_files", "_filename", "_dir", "_directory", "_folder"];

    private static readonly string[] UrlNames = ["url", "urls", "uri", "uris", "href", "link", "links", "endpoint", "webhook", "callback"];

    private static readonly string[] UrlEndings = ["_url", "_urls", "_uri", "_uris", "_href", "_endpoint", "_webhook", "_callback"];

    private static readonly FrozenDictionary<string, ArgumentKind>.AlternateLookup<ReadOnlySpan<char>> Names = Table(PathNames, UrlNames);

    private static readonly FrozenDictionary<string, ArgumentKind>.AlternateLookup<ReadOnlySpan<char>> Endings = Table(PathEndings, UrlEndings);

    // Most names are one word in lower case: found as they stand, by their length and letters.
    private static readonly WordTable Words = new(Names.Dictionary);

    /// <summary>Adds every leaf that is a path or a URL by its name or value.</summary>
    public static void Select(JsonView arguments, bool withPointers, List<SelectedArgument> found) =>
        Walk(arguments, withPointers ? new() : null, ArgumentKind.Neither, found);

    /// <summary>Adds every leaf of the arguments that a condition names.</summary>
    public static void Named(JsonView arguments, IReadOnlyList<ParameterName> names, bool withPointers, List<SelectedArgument> found)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Find(arguments) is { Exists: true } value) Leaves(value, withPointers ? new(names[i].Pointer) : null, found);
        }
    }

    /// <summary>What the name of an argument says of the values below it.</summary>
    public static ArgumentKind KindOfName(string name) => KindOfFoldedName(FoldName(name));

    public static bool LooksLikeUrl(ReadOnlySpan<char> text)
    {
        var start = text.TrimStart();
        var colon = start.IndexOf(':');

        // THREAT: `C:\\Windows` is a path with a doubled separator; taken for a URL, no path rule would see it. No scheme is one letter.
        return colon > 1
            && Urls.CanonicalUrl.IsScheme(start[..colon])
            && start.Length > colon + 2
            && start[colon + 1] is '/' or '\\'
            && start[colon + 2] is '/' or '\\'
            && !start[..colon].Equals("file", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What a text is, whatever its name: a path when it is a file URI, a URL when it starts like one.</summary>
    public static ArgumentKind KindOfText(ReadOnlySpan<char> text) =>
        text.TrimStart().StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? ArgumentKind.Path
        : LooksLikeUrl(text) ? ArgumentKind.Url
        : ArgumentKind.Neither;

    /// <summary>`filePath`, `FilePath` and `file_path` are one name.</summary>
    public static string FoldName(string name)
    {
        if (!name.AsSpan().ContainsAnyInRange('A', 'Z') && Ascii.IsValid(name)) return name;
        Span<char> folded = new char[name.Length * 2];
        return folded[..FoldName(name, folded)].ToString();
    }

    private static int FoldName(ReadOnlySpan<char> name, Span<char> folded)
    {
        var length = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var isWordStart = i > 0 && char.IsUpper(name[i]) && name[i - 1] != '_'
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (isWordStart) folded[length++] = '_';
            folded[length++] = char.ToLowerInvariant(name[i]);
        }

        return length;
    }

    private static void Walk(JsonView value, StringBuilder? pointer, ArgumentKind enclosing, List<SelectedArgument> found)
    {
        foreach (var (key, member) in value.Members)
        {
            var length = Enter(pointer, key);
            Add(member, pointer, KindOfName(key), found);
            Leave(pointer, length);
        }

        var index = 0;
        foreach (var item in value.Items)
        {
            var length = Enter(pointer, index++);
            Add(item, pointer, enclosing, found);
            Leave(pointer, length);
        }
    }

    private static void Add(JsonView value, StringBuilder? pointer, ArgumentKind enclosing, List<SelectedArgument> found)
    {
        if (value.Kind is JsonKind.Array or JsonKind.Object) Walk(value, pointer, enclosing, found);
        else if (KindOfLeaf(value, enclosing) is var kind and not ArgumentKind.Neither) found.Add(new(pointer?.ToString(), value, kind));
    }

    private static void Leaves(JsonView value, StringBuilder? pointer, List<SelectedArgument> found)
    {
        if (value.Kind is not (JsonKind.Object or JsonKind.Array))
        {
            found.Add(new(pointer?.ToString(), value, ArgumentKind.Neither));
            return;
        }

        foreach (var (key, member) in value.Members)
        {
            var length = Enter(pointer, key);
            Leaves(member, pointer, found);
            Leave(pointer, length);
        }

        var index = 0;
        foreach (var item in value.Items)
        {
            var length = Enter(pointer, index++);
            Leaves(item, pointer, found);
            Leave(pointer, length);
        }
    }

    // The value goes first: what is plainly a URL is one under any name.
    private static ArgumentKind KindOfLeaf(JsonView value, ArgumentKind enclosing)
    {
        if (value.Kind is not JsonKind.String) return enclosing;
        var kind = value.TryGetUnescaped(out var utf8) && !utf8.IsEmpty && utf8[0] is > 0x20 and < 0x7F ? KindOfStart(utf8) : KindOfText(value.GetString());
        return kind is ArgumentKind.Neither ? enclosing : kind;
    }

    // INVARIANT: of a text that begins with a visible ASCII character, its first characters say the same as the whole of it; and without a colon
    // among them it has no scheme.
    private static ArgumentKind KindOfStart(ReadOnlySpan<byte> utf8)
    {
        var start = utf8[..Math.Min(utf8.Length, SchemeReach)];
        return start.Contains((byte)':') ? KindOfText(start) : ArgumentKind.Neither;
    }

    private static ArgumentKind KindOfText(ReadOnlySpan<byte> start)
    {
        Span<char> text = stackalloc char[SchemeReach];
        return KindOfText(text[..Encoding.Latin1.GetChars(start, text)]);
    }

    private static ArgumentKind KindOfName(JsonView name)
    {
        if (!name.TryGetUnescaped(out var utf8)) return KindOfName(name.GetString());
        return utf8.ContainsAnyExceptInRange((byte)'a', (byte)'z') ? KindOfOddName(utf8) : Words.Find(utf8);
    }

    private static ArgumentKind KindOfOddName(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxPlainName || !Ascii.IsValid(utf8)) return KindOfName(Encoding.UTF8.GetString(utf8));
        Span<char> plain = stackalloc char[MaxPlainName];
        Span<char> folded = stackalloc char[MaxPlainName * 2];
        plain = plain[..Encoding.ASCII.GetChars(utf8, plain)];
        return KindOfFoldedName(plain.ContainsAnyInRange('A', 'Z') ? folded[..FoldName(plain, folded)] : plain);
    }

    private static ArgumentKind KindOfFoldedName(ReadOnlySpan<char> folded)
    {
        if (Names.TryGetValue(folded, out var kind)) return kind;
        var last = folded.LastIndexOf('_'); // every ending is one word and the line before it
        return last >= 0 && Endings.TryGetValue(folded[last..], out kind) ? kind : ArgumentKind.Neither;
    }

    private static FrozenDictionary<string, ArgumentKind>.AlternateLookup<ReadOnlySpan<char>> Table(string[] paths, string[] urls) =>
        paths.Select(static name => KeyValuePair.Create(name, ArgumentKind.Path)).Concat(urls.Select(static name => KeyValuePair.Create(name, ArgumentKind.Url)))
            .ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static int Enter(StringBuilder? pointer, JsonView key)
    {
        if (pointer is null) return 0;
        var length = pointer.Length;
        pointer.Append('/').Append(key.GetString().Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        return length;
    }

    private static int Enter(StringBuilder? pointer, int index)
    {
        if (pointer is null) return 0;
        var length = pointer.Length;
        pointer.Append('/').Append(index.ToString(CultureInfo.InvariantCulture));
        return length;
    }

    private static void Leave(StringBuilder? pointer, int length)
    {
        if (pointer is not null) pointer.Length = length;
    }
}
