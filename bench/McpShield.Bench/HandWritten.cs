using System.Text;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Bench;

/// <summary>
/// The floor: the policy of <see cref="DecisionWorld"/> as somebody would write it by hand, for its three kinds of patterns and its one kind of condition,
/// refusing any path that is not plain. It answers nothing but yes or no.
/// </summary>
public sealed class HandWrittenIndex
{
    private readonly bool knowsArgument;

    private readonly Dictionary<string, byte[]> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Ending, byte[] Folder)> byServer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Ending, byte[] Folder)>.AlternateLookup<ReadOnlySpan<char>> servers;

    /// <param name="rules">How many.</param>
    /// <param name="knowsArgument">It looks at the one argument `path`; else, as the policy says, at every argument that is a path by its name or value.</param>
    public HandWrittenIndex(int rules, bool knowsArgument)
    {
        this.knowsArgument = knowsArgument;
        servers = byServer.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < rules; i++)
        {
            var (pattern, folder) = (DecisionWorld.Pattern(i), Encoding.UTF8.GetBytes($"/data/team{i}"));
            var star = pattern.IndexOf('*', StringComparison.Ordinal);
            if (star < 0) byName.Add(pattern, folder);
            else byServer.Add($"server{i}", (pattern[(star + 1)..], folder));
        }
    }

    public bool Allows(ToolCall call)
    {
        if (byName.TryGetValue(call.Tool, out var folder)) return IsBelow(call.Arguments, folder);
        var dot = call.Tool.IndexOf('.', StringComparison.Ordinal);
        return dot >= 0 && servers.TryGetValue(call.Tool.AsSpan(0, dot), out var entry)
            && call.Tool.EndsWith(entry.Ending, StringComparison.Ordinal) && IsBelow(call.Arguments, entry.Folder);
    }

    private bool IsBelow(JsonView arguments, ReadOnlySpan<byte> folder)
    {
        if (knowsArgument) return PathCheck.IsBelow(arguments, folder);
        var seen = false;
        return PathCheck.AllAreBelow(arguments, isPath: false, folder, ref seen) && seen;
    }
}

/// <summary>The same without an index: rule after rule.</summary>
public sealed class HandWrittenList(int rules)
{
    private readonly (string Start, string End, bool IsWhole, byte[] Folder)[] entries = [.. Enumerable.Range(0, rules).Select(static i =>
    {
        var parts = DecisionWorld.Pattern(i).Split('*');
        return (parts[0], parts[^1], parts.Length == 1, Encoding.UTF8.GetBytes($"/data/team{i}"));
    })];

    public bool Allows(ToolCall call)
    {
        foreach (var (start, end, isWhole, folder) in entries)
        {
            var covers = isWhole ? call.Tool == start : call.Tool.StartsWith(start, StringComparison.Ordinal) && call.Tool.EndsWith(end, StringComparison.Ordinal);
            if (covers && PathCheck.IsBelow(call.Arguments, folder)) return true;
        }

        return false;
    }
}

internal static class PathCheck
{
    private static readonly NameSet Names = new(
        "path", "paths", "file", "files", "filename", "filenames", "filepath", "dir", "dirs", "directory", "folder", "root", "cwd",
        "source", "src", "destination", "dest", "dst", "target");

    public static bool IsBelow(JsonView arguments, ReadOnlySpan<byte> folder)
    {
        return IsPlainlyBelow(arguments["path"u8], folder);
    }

    /// <summary>Every path by its name or value, however deep.</summary>
    public static bool AllAreBelow(JsonView value, bool isPath, ReadOnlySpan<byte> folder, ref bool seen)
    {
        if (value.Kind is JsonKind.Object)
        {
            foreach (var (name, member) in value.Members)
            {
                if (!AllAreBelow(member, IsPathName(name.Raw[1..^1]), folder, ref seen)) return false;
            }

            return true;
        }

        if (value.Kind is JsonKind.Array)
        {
            foreach (var item in value.Items)
            {
                if (!AllAreBelow(item, isPath, folder, ref seen)) return false;
            }

            return true;
        }

        if (value.Kind is JsonKind.String && value.Raw.Contains((byte)':')) return false; // a URI, or might be one
        if (!isPath) return true;
        seen = true;
        return IsPlainlyBelow(value, folder);
    }

    private static bool IsPathName(ReadOnlySpan<byte> name)
    {
        if (!name.ContainsAnyExceptInRange((byte)'a', (byte)'z')) return Names.Contains(name);
        return name.Contains((byte)'\\') || name.ContainsAnyInRange((byte)'A', (byte)'Z') || Names.Contains(name[(name.LastIndexOf((byte)'_') + 1)..]);
    }

    private static bool IsPlainlyBelow(JsonView path, ReadOnlySpan<byte> folder)
    {
        if (path.Kind is not JsonKind.String) return false;
        var text = path.Raw[1..^1];
        return text.StartsWith(folder) && (text.Length == folder.Length || text[folder.Length] == '/')
            && !text.ContainsAny("\\%$~"u8) && text.IndexOf("//"u8) < 0 && text.IndexOf("/."u8) < 0 && Ascii.IsValid(text);
    }
}

/// <summary>Names by their length.</summary>
internal sealed class NameSet(params string[] names)
{
    private readonly byte[][][] byLength = [.. Enumerable.Range(0, 12).Select(length => names.Where(name => name.Length == length).Select(Encoding.UTF8.GetBytes).ToArray())];

    public bool Contains(ReadOnlySpan<byte> name)
    {
        if (name.Length >= byLength.Length) return false;
        foreach (var known in byLength[name.Length])
        {
            if (name.SequenceEqual(known)) return true;
        }

        return false;
    }
}
