using System.Globalization;
using System.Text;
using System.Text.Json;

namespace McpShield.Adapters;

/// <summary>Rows that a statement returned.</summary>
/// <param name="Columns">Column names, in order; they need not differ.</param>
/// <param name="Rows">Values: <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <c>byte[]</c> or <c>null</c>.</param>
/// <param name="IsTruncated">More rows were there than the limit lets through.</param>
public sealed record ResultTable(IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows, bool IsTruncated)
{
    private const int MaxCellWidth = 200;

    /// <summary>Writes <c>{"columns", "rows", "row_count", "truncated"}</c>. Binary values are <c>{"base64": …}</c>, numbers that JSON cannot write are strings.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("columns");
        foreach (var column in Columns) json.WriteStringValue(column);
        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var row in Rows)
        {
            json.WriteStartArray();
            foreach (var value in row) WriteValue(json, value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteNumber("row_count", Rows.Count);
        json.WriteBoolean("truncated", IsTruncated);
        json.WriteEndObject();
    }

    /// <summary>The rows as a compact text table, for a model that reads text.</summary>
    public string ToText()
    {
        var text = new StringBuilder().AppendJoin(" | ", Columns.Select(Cell)).Append('\n');
        foreach (var row in Rows) text.AppendJoin(" | ", row.Select(static value => Cell(Show(value)))).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"({Rows.Count} {(Rows.Count == 1 ? "row" : "rows")}");
        return text.Append(IsTruncated ? "; there are more, add a LIMIT or aggregate)" : ")").ToString();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case long whole:
                json.WriteNumberValue(whole);
                break;
            case double real when double.IsFinite(real):
                json.WriteNumberValue(real);
                break;
            case byte[] blob:
                json.WriteStartObject();
                json.WriteBase64String("base64", blob);
                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(Show(value));
                break;
        }
    }

    private static string Show(object? value) => value switch
    {
        null => "NULL",
        byte[] blob => $"<{blob.Length.ToString(CultureInfo.InvariantCulture)} bytes>",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    private static string Cell(string text)
    {
        var line = text.ReplaceLineEndings(" ").Replace('|', '¦');
        return line.Length <= MaxCellWidth ? line : string.Concat(line.AsSpan(0, MaxCellWidth), "…");
    }
}
