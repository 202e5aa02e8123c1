using System.Runtime.InteropServices;
using System.Text;

namespace McpShield.Policy.Unicode;

/// <summary>Text in NFC or NFKC, in time linear in its length.</summary>
/// <remarks>1 decompose  2 order the marks  3 compose; segment by segment, cut where nothing can reach across.</remarks>
// SPEC: UAX #15, Unicode Normalization Forms.
internal sealed class Normalizer
{
    private static readonly UnicodeTables Tables = UnicodeTables.Shared;

    private readonly StringBuilder result;
    private readonly List<int> segment = [];
    private readonly TextForm form;

    private Normalizer(int length, TextForm form)
    {
        result = new(length);
        this.form = form;
    }

    /// <summary>The same instance when the text is in the form already.</summary>
    public static string Normalize(string text, TextForm form)
    {
        if (IsSurelyNormalized(text, form)) return text;

        var normalizer = new Normalizer(text.Length, form);
        for (var at = 0; at < text.Length;) normalizer.Decompose(CodePoints.Read(text, ref at));
        normalizer.FinishSegment();

        return normalizer.result.Equals(text) ? text : normalizer.result.ToString();
    }

    /// <summary>The quick check; false may also mean "not known without doing the work".</summary>
    private static bool IsSurelyNormalized(ReadOnlySpan<char> text, TextForm form)
    {
        var last = 0;
        for (var at = text.IndexOfAnyExceptInRange('\0', '\x7F'); at >= 0 && at < text.Length;)
        {
            var properties = Tables[CodePoints.Read(text, ref at)];
            var current = properties.CombiningClass;
            if (properties.IsNever(form) || properties.MayComposeWithPrevious || (current != 0 && current < last)) return false;
            last = current;
        }

        return true;
    }

    private void Decompose(int codePoint)
    {
        if (Hangul.TryDecompose(codePoint, out var leading, out var vowel, out var trailing))
        {
            Add(leading);
            Add(vowel);
            if (trailing != 0) Add(trailing);
            return;
        }

        var parts = Tables.Decomposition(codePoint, form);
        if (parts.IsEmpty) Add(codePoint);
        for (var at = 0; at < parts.Length;) Add(CodePoints.Read(parts, ref at));
    }

    private void Add(int codePoint)
    {
        var properties = Tables[codePoint];
        if (properties.CombiningClass == 0 && !properties.MayComposeWithPrevious) FinishSegment();
        segment.Add(codePoint);
    }

    private void FinishSegment()
    {
        if (segment.Count > 1)
        {
            CanonicalOrder.Sort(segment);
            Compose();
        }

        foreach (var codePoint in segment) result.AppendCodePoint(codePoint);
        segment.Clear();
    }

    private void Compose()
    {
        var points = CollectionsMarshal.AsSpan(segment);
        var (starter, end, last) = (-1, 0, 0);
        foreach (var codePoint in points)
        {
            // A mark reaches its starter unless one of its own class, or a higher one, stands between; another starter
            // only where it follows at once.
            var current = Tables[codePoint].CombiningClass;
            if (starter >= 0 && (last == 0 || last < current) && TryCompose(points[starter], codePoint, out var composite))
            {
                points[starter] = composite;
                continue;
            }

            if (current == 0) starter = end;
            last = current;
            points[end++] = codePoint;
        }

        segment.RemoveRange(end, segment.Count - end);
    }

    private static bool TryCompose(int first, int second, out int composite) =>
        Hangul.TryCompose(first, second, out composite)
        || (Tables[second].MayComposeWithPrevious && Tables.TryCompose(first, second, out composite));
}
