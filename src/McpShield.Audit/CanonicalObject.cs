using System.Buffers;
using System.Globalization;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Audit;

/// <summary>Writes one canonical JSON object (RFC 8785). Members must come in the order of their names; absent ones are left out.</summary>
internal sealed class CanonicalObject
{
    private readonly ArrayBufferWriter<byte> output = new(512);
    private string last = "";

    public CanonicalObject() => output.Write("{"u8);

    public CanonicalObject Text(string name, string? value)
    {
        if (string.IsNullOrEmpty(value)) return this;
        Name(name);
        CanonicalJson.WriteString(value, output);
        return this;
    }

    public CanonicalObject Number(string name, long value)
    {
        Name(name);
        Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture), output);
        return this;
    }

    public CanonicalObject Texts(string name, IReadOnlyCollection<string> values)
    {
        if (values.Count == 0) return this;
        Name(name);
        var separator = "["u8;
        foreach (var value in values)
        {
            output.Write(separator);
            CanonicalJson.WriteString(value, output);
            separator = ","u8;
        }

        output.Write("]"u8);
        return this;
    }

    /// <summary>A value that is JSON already; it must be canonical where the whole must be.</summary>
    public CanonicalObject Json(string name, ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return this;
        Name(name);
        output.Write(json);
        return this;
    }

    public CanonicalObject Id(string name, Guid value) => value == Guid.Empty ? this : Text(name, value.ToString("D"));

    public byte[] End()
    {
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    private void Name(string name)
    {
        if (string.CompareOrdinal(last, name) >= 0) throw new InvalidOperationException($"`{name}` must come before `{last}`");
        if (last.Length > 0) output.Write(","u8);
        CanonicalJson.WriteString(name, output);
        output.Write(":"u8);
        last = name;
    }
}
