using System.Buffers;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Policy.Language;

/// <summary>Writes YAML nodes as JSON: types as the core schema says, numbers in their own decimal text.</summary>
internal static class YamlJson
{
    public static byte[] ToBytes(YamlNode node)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(node, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(YamlNode node, IBufferWriter<byte> output)
    {
        switch (node)
        {
            case YamlMap map:
                WriteAll(output, '{', map.Entries, '}', static (entry, output) =>
                {
                    CanonicalJson.WriteString(entry.Key.Text, output);
                    output.Write(":"u8);
                    Write(entry.Value, output);
                });
                break;

            case YamlList list:
                WriteAll(output, '[', list.Items, ']', Write);
                break;

            case YamlScalar { IsNull: true }:
                output.Write("null"u8);
                break;

            case YamlScalar { IsBoolean: true } flag:
                output.Write(flag.Text[0] is 't' or 'T' ? "true"u8 : "false"u8);
                break;

            case YamlScalar { IsNumber: true } number when IsJsonNumber(number.Text):
                Encoding.UTF8.GetBytes(number.Text, output);
                break;

            case YamlScalar scalar:
                CanonicalJson.WriteString(scalar.Text, output);
                break;
        }
    }

    private static void WriteAll<T>(IBufferWriter<byte> output, char open, IReadOnlyList<T> items, char close, Action<T, IBufferWriter<byte>> write)
    {
        output.Write([(byte)open]);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) output.Write(","u8);
            write(items[i], output);
        }

        output.Write([(byte)close]);
    }

    // `+1`, `0x10` and `.5` are numbers in YAML and nothing in JSON: what cannot be said is passed as text, and no rule takes it for a number.
    private static bool IsJsonNumber(string text) => JsonTree.TryRead(Encoding.UTF8.GetBytes(text), JsonLimits.Arguments, out _, out _);
}
