using System.Buffers;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Conditions.Paths;

/// <summary>A glob over canonical paths: <c>*</c> and <c>?</c> stay inside a segment, <c>**</c> crosses segments.</summary>
internal sealed class PathGlob(string pattern, PathStyle style)
{
    private const int MaxOnStack = 512;

    private readonly string pattern = style is PathStyle.Windows ? UnicodeText.FoldCase(pattern) : pattern;
    private readonly char separator = style is PathStyle.Posix ? '/' : '\\';

    public static IReadOnlyList<PathGlob>? ReadAll(Selection given, ConditionScope scope)
    {
        var (style, globs) = (scope.Settings.PathStyle, new List<PathGlob>());
        foreach (var (text, at) in given.Texts)
        {
            var glob = style is PathStyle.Windows ? text.Replace('/', '\\') : text;
            var isRooted = style is PathStyle.Posix ? glob.StartsWith('/') : glob.Length > 2 && glob[1] == ':';
            if (!isRooted && !glob.StartsWith("**", StringComparison.Ordinal))
            {
                if (scope.Settings.WorkingDirectory is not { } directory)
                {
                    scope.Diagnostics.Error("glob", $"`{text}` is relative, and the policy sets no working_directory", at, "start it with `/` or `**/`");
                    continue;
                }

                glob = $"{directory}{(style is PathStyle.Posix ? '/' : '\\')}{glob}";
            }

            if (glob.Split('/', '\\').Any(static segment => segment is "." or ".."))
            {
                scope.Diagnostics.Error("glob", $"`{text}` holds dot segments, which no canonical path has", at);
                continue;
            }

            globs.Add(new(UnicodeText.ToNfc(glob), style));
        }

        return globs.Count == given.Values.Count ? globs : null;
    }

    public static bool AnyMatches(IReadOnlyList<PathGlob> globs, ReadOnlySpan<char> path)
    {
        for (var i = 0; i < globs.Count; i++)
        {
            if (globs[i].Matches(path)) return true;
        }

        return false;
    }

    public bool Matches(ReadOnlySpan<char> path)
    {
        if (style is PathStyle.Windows) path = UnicodeText.FoldCase(path.ToString());
        var size = path.Length + 1;
        var rented = size > MaxOnStack ? ArrayPool<bool>.Shared.Rent(size * 2) : null;
        try
        {
            var rows = rented ?? stackalloc bool[MaxOnStack * 2];
            return Matches(path, pattern, rows[..size], rows.Slice(size, size));
        }
        finally
        {
            if (rented is not null) ArrayPool<bool>.Shared.Return(rented);
        }
    }

    // Row by row over the pattern, so that no pattern makes it slow: states are positions in the path that are reachable.
    private bool Matches(ReadOnlySpan<char> path, ReadOnlySpan<char> glob, Span<bool> reachable, Span<bool> next)
    {
        reachable.Clear();
        reachable[0] = true;
        for (var at = 0; at < glob.Length; at++)
        {
            if (glob[at] == '*')
            {
                var crosses = at + 1 < glob.Length && glob[at + 1] == '*';
                if (crosses) at++;
                // `**/` also stands for no segment at all.
                var optional = crosses && at + 1 < glob.Length && glob[at + 1] == separator;
                var open = false;
                for (var i = 0; i <= path.Length; i++)
                {
                    open = reachable[i] || (open && i > 0 && (crosses || path[i - 1] != separator));
                    next[i] = open;
                }

                if (optional)
                {
                    at++;
                    // From the end, so that each row is read before it is written over.
                    for (var i = path.Length; i >= 0; i--) next[i] = reachable[i] || (i > 0 && next[i - 1] && path[i - 1] == separator);
                }
            }
            else
            {
                next[0] = false;
                for (var i = 0; i < path.Length; i++)
                {
                    next[i + 1] = reachable[i] && (glob[at] == path[i] || (glob[at] == '?' && path[i] != separator));
                }
            }

            var row = reachable;
            reachable = next;
            next = row;
        }

        return reachable[path.Length];
    }
}
