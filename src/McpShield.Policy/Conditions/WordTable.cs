using System.Text;

namespace McpShield.Policy.Conditions;

/// <summary>The names of arguments that mean something, by their bytes: a handful for each length, so that no hash is needed.</summary>
internal sealed class WordTable
{
    private readonly (byte[] Name, ArgumentKind Kind)[][] byLength;

    public WordTable(IReadOnlyDictionary<string, ArgumentKind> names)
    {
        var words = names.Select(static entry => (Name: Encoding.UTF8.GetBytes(entry.Key), Kind: entry.Value)).ToList();
        byLength = [.. Enumerable.Range(0, words.Max(static word => word.Name.Length) + 1).Select(length => words.Where(word => word.Name.Length == length).ToArray())];
    }

    public ArgumentKind Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length >= byLength.Length) return ArgumentKind.Neither;
        foreach (var (word, kind) in byLength[name.Length])
        {
            if (word[0] == name[0] && name.SequenceEqual(word)) return kind;
        }

        return ArgumentKind.Neither;
    }
}
