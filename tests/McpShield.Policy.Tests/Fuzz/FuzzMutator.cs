using CsCheck;

namespace McpShield.Policy.Tests.Fuzz;

/// <summary>Makes a text out of others, by a generator that a number starts: the same number, the same text.</summary>
internal sealed class FuzzMutator(uint number)
{
    // Long enough for every bound on lengths but the largest ones.
    private const int MaxLength = 64 * 1024;

    private readonly PCG pcg = new(number, 2026);

    public int Below(int bound) => (int)pcg.Next((uint)bound);

    public T OneOf<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>One of the texts, changed up to eight times; now and then as it stands.</summary>
    public string Text(IReadOnlyList<string> seeds)
    {
        var text = Below(16) == 0 ? "" : OneOf(seeds);
        for (var changes = Below(9); changes > 0; changes--) text = Change(text, seeds);
        return text.Length > MaxLength ? text[..MaxLength] : text;
    }

    private string Change(string text, IReadOnlyList<string> seeds)
    {
        var at = Below(text.Length + 1);
        var length = Math.Min(Below(Below(4) == 0 ? 200 : 8), text.Length - at);
        var piece = text.Substring(at, length);
        return Below(12) switch
        {
            0 or 1 or 2 => text.Insert(at, OneOf(FuzzSeeds.Tokens)),
            3 => text.Remove(at, length),
            4 => text.Remove(at, length).Insert(at, OneOf(FuzzSeeds.Tokens)),
            5 => text.Insert(Below(text.Length + 1), piece),
            6 => text.Insert(at, ((char)Below(0x1_0000)).ToString()),
            7 => text.Insert(at, ((char)Below(0x80)).ToString()),
            8 => text.Remove(at, length).Insert(at, new string([.. piece.Reverse()])),
            9 => OneOf(seeds) is var other ? text[..at] + other[Below(other.Length + 1)..] : text,
            10 => text.Insert(at, Repeat(Below(2) == 0 ? OneOf(FuzzSeeds.Tokens) : piece)),
            _ => text.Remove(at, length).Insert(at, Below(1_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        };
    }

    // Many of the same: what is quadratic or recursive shows.
    private string Repeat(string piece)
    {
        var times = 1 << Below(piece.Length > 8 ? 9 : 13);
        return piece.Length == 0 || piece.Length * times > MaxLength ? piece : string.Concat(Enumerable.Repeat(piece, times));
    }
}
