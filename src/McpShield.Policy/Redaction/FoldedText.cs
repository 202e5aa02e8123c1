using System.Globalization;
using System.Text;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Redaction;

/// <summary>The copy of a text that detectors look at: NFKC, without invisible characters, dashes as `-`, with a way back to the original.</summary>
internal sealed class FoldedText
{
    private readonly int[]? starts;
    private readonly int[]? ends;

    private FoldedText(string text, int[]? starts, int[]? ends)
    {
        Text = text;
        this.starts = starts;
        this.ends = ends;
    }

    public string Text { get; }

    /// <summary>The range of the original that a range of the folded text came from, whole characters of it.</summary>
    public (int Start, int End) Original(int start, int end) => starts is null ? (start, end) : (starts[start], ends![end - 1]);

    public static FoldedText Of(string text)
    {
        var isEscaped = text.Contains("\\u", StringComparison.Ordinal) || text.Contains("\\\"", StringComparison.Ordinal);
        return Ascii.IsValid(text) && !isEscaped ? new(text, null, null) : new Builder(text, isEscaped).Build();
    }

    private sealed class Builder(string original, bool isEscaped)
    {
        private readonly StringBuilder folded = new(original.Length);
        private readonly List<int> starts = new(original.Length);
        private readonly List<int> ends = new(original.Length);
        private readonly StringBuilder segment = new();
        private int segmentStart;
        private int segmentEnd;

        public FoldedText Build()
        {
            for (var at = 0; at < original.Length;)
            {
                var start = at;
                var codePoint = Read(ref at);
                if (IsInvisible(codePoint)) continue;
                if (!JoinsPrevious(codePoint)) Flush();
                if (segment.Length == 0) segmentStart = start;
                segment.AppendCodePoint(codePoint);
                segmentEnd = at;
            }

            Flush();
            return new(folded.ToString(), [.. starts], [.. ends]);
        }

        // THREAT: JSON that the strict reader refuses (a name twice) is looked at as text; `\u0034111…` must not hide there.
        private int Read(ref int at)
        {
            if (!isEscaped || original[at] != '\\' || at + 1 >= original.Length) return CodePoints.Read(original, ref at);
            switch (original[at + 1])
            {
                case 'u' when at + 6 <= original.Length && ushort.TryParse(original.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                    at += 6;
                    return unit;
                case 'n' or 'r' or 't':
                    at += 2;
                    return '\n';
                case '"' or '/':
                    at += 2;
                    return original[at - 1];
                default:
                    return CodePoints.Read(original, ref at);
            }
        }

        private static bool JoinsPrevious(int codePoint)
        {
            if (codePoint < 0x80) return false;
            var parts = UnicodeTables.Shared.Decomposition(codePoint, TextForm.Nfkc);
            var at = 0;
            var properties = UnicodeTables.Shared[parts.IsEmpty ? codePoint : CodePoints.Read(parts, ref at)];
            return properties.CombiningClass != 0 || properties.MayComposeWithPrevious;
        }

        // THREAT: a zero-width character in a card number. Not all that is invisible is of category Cf: variation selectors
        // and fillers are not, and a reader does not see them either.
        private static bool IsInvisible(int codePoint) => codePoint >= 0x80
            && (UnicodeTables.Shared[codePoint].Category is UnicodeCategory.Format
                || codePoint is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0100 and <= 0xE01EF));

        private void Flush()
        {
            if (segment.Length == 0) return;
            if (segment.Length == 1 && segment[0] < 0x80) Append(segment[0]);
            else foreach (var unit in UnicodeText.ToNfkc(segment.ToString())) Append(unit);
            segment.Clear();
        }

        private void Append(char unit)
        {
            folded.Append(unit is (>= '\u2010' and <= '\u2015') or '\u2212' ? '-' : unit);
            starts.Add(segmentStart);
            ends.Add(segmentEnd);
        }
    }
}
