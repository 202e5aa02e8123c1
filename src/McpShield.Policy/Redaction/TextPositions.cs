using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Policy.Redaction;

/// <summary>Where findings in JSON that stands in a text are in that text.</summary>
internal sealed class TextPositions(byte[] utf8, List<Hit> hits)
{
    private int bytes;
    private int units;

    /// <summary>Adds the findings of one value or name. Calls come in document order.</summary>
    public void Report(JsonView value, List<Hit> found)
    {
        if (found.Count == 0) return;
        units += Encoding.UTF8.GetCharCount(utf8.AsSpan(bytes, value.Offset - bytes));
        bytes = value.Offset;
        var isString = value.Kind is JsonKind.String;
        var start = units + (isString ? 1 : 0);

        // Behind escapes a unit of the value is none of the text; the finding is the whole of the value then.
        if (isString && value.Raw.Contains((byte)'\\'))
        {
            var end = units + Encoding.UTF8.GetCharCount(value.Raw) - 1;
            var strictest = found.MinBy(static hit => hit.Action);
            hits.Add(strictest with { Start = start, End = end });
            return;
        }

        foreach (var hit in found) hits.Add(hit with { Start = start + hit.Start, End = start + hit.End });
    }
}
