using System.Buffers.Binary;

namespace McpShield.Policy.Unicode;

/// <summary>The Unicode Character Database as this program knows it, read once from the embedded `unicode.bin`.</summary>
/// <remarks>
/// Not from ICU, the runtime or the operating system: their versions differ from machine to machine, and a decision must
/// not. `tools/unicode` makes the file and documents where the data comes from.
/// </remarks>
internal sealed class UnicodeTables
{
    private const string Resource = "McpShield.Policy.Unicode.unicode.bin";

    private readonly CodePointProperties[] records;
    private readonly CodePointTrie properties;
    private readonly char[] pool;
    private readonly CodePointTrie canonical;
    private readonly CodePointTrie compatible;
    private readonly CodePointTrie folded;
    private readonly CodePointTrie idna;
    private readonly ulong[] pairs;
    private readonly int[] composites;

    private UnicodeTables(byte[] file)
    {
        var reader = new Reader(file);
        reader.Expect($"MCPSHIELD-UNICODE {UnicodeText.Version}\n");
        records = [.. reader.Numbers().Chunk(4).Select(r => new CodePointProperties((byte)r[0], (byte)r[1], (byte)r[2], (byte)r[3]))];
        properties = reader.Trie();
        pool = [.. reader.Numbers().Select(unit => (char)unit)];
        canonical = reader.Trie();
        compatible = reader.Trie();
        folded = reader.Trie();
        idna = reader.Trie();
        pairs = [.. reader.Numbers().Zip(reader.Numbers(), Pair)];
        composites = reader.Numbers();
    }

    public static UnicodeTables Shared { get; } = Load();

    public CodePointProperties this[int codePoint] => records[properties[codePoint]];

    /// <summary>The full decomposition, in canonical order; empty for a code point that stands for itself. Hangul is not in the tables.</summary>
    public ReadOnlySpan<char> Decomposition(int codePoint, TextForm form) =>
        Mapping(form is TextForm.Nfkc ? compatible[codePoint] : canonical[codePoint]);

    /// <summary>The full case folding; empty for a code point that folds to itself.</summary>
    public ReadOnlySpan<char> Folding(int codePoint) => Mapping(folded[codePoint]);

    /// <summary>What UTS-46 maps a code point of status <see cref="IdnaStatus.Mapped"/> to.</summary>
    public ReadOnlySpan<char> IdnaMapping(int codePoint) => Mapping(idna[codePoint]);

    /// <summary>The one character that two make, Hangul aside.</summary>
    public bool TryCompose(int first, int second, out int composite)
    {
        var at = Array.BinarySearch(pairs, Pair(first, second));
        composite = at < 0 ? 0 : composites[at];
        return at >= 0;
    }

    private static ulong Pair(int first, int second) => ((ulong)first << 32) | (uint)second;

    private ReadOnlySpan<char> Mapping(int position) => position == 0 ? [] : pool.AsSpan(position + 1, pool[position]);

    private static UnicodeTables Load()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidDataException($"the resource `{Resource}` is missing");
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return new(file);
    }

    /// <summary>Reads what `tools/unicode/pack.mjs` writes.</summary>
    private sealed class Reader(byte[] file)
    {
        private int at;

        public void Expect(string header)
        {
            foreach (var letter in header)
            {
                if (file[at++] != letter) throw new InvalidDataException($"the Unicode tables are not of version {UnicodeText.Version}");
            }
        }

        public CodePointTrie Trie() => new(Numbers()[0], Halves(), Halves());

        public int[] Numbers()
        {
            var numbers = new int[BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at))];
            int width = file[at + 4];
            at += 5;
            for (var i = 0; i < numbers.Length; i++, at += width)
            {
                for (var octet = 0; octet < width; octet++) numbers[i] |= file[at + octet] << (8 * octet);
            }

            return numbers;
        }

        private ushort[] Halves() => Array.ConvertAll(Numbers(), number => (ushort)number);
    }
}
