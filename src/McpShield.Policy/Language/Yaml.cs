using McpShield.Policy.Conditions.Parameters;

namespace McpShield.Policy.Language;

/// <summary>A value in a policy text, with the place where it stands.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal abstract record YamlNode(int Line, int Column)
{
    public abstract string Kind { get; }
}

/// <summary>A scalar. Only a plain one can be anything but a string.</summary>
internal sealed record YamlScalar(string Text, bool IsPlain, int Line, int Column) : YamlNode(Line, Column)
{
    public override string Kind => this switch
    {
        { IsNull: true } => "null",
        { IsBoolean: true } => "a boolean",
        { IsInteger: true } => "an integer",
        { IsNumber: true } => "a number",
        _ => "a string",
    };

    // SPEC: YAML 1.2.2, section 10.3.2 (core schema).
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

    public bool IsBoolean => IsPlain && Text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE";

    public bool IsInteger => IsPlain && (IsDecimalInteger(Text) || IsRadix(Text));

    public bool IsNumber => IsPlain && (IsInteger || IsFloat(Text));

    public bool IsString => !IsPlain || !(IsNull || IsBoolean || IsNumber);

    /// <summary>Whether JSON has this value too: `0x10` and `.inf` are numbers in YAML only, and what is too long to compare is none.</summary>
    public bool IsJsonLiteral => !(IsNumber && (Text.Length > ExactNumber.MaxLiteralLength || Text.AsSpan().ContainsAnyExcept(Characters.Decimal)));

    private static ReadOnlySpan<char> Unsigned(ReadOnlySpan<char> text) => text is ['+' or '-', ..] ? text[1..] : text;

    private static bool IsDecimalInteger(string text)
    {
        var digits = Unsigned(text);
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static bool IsRadix(string text) =>
        (text.StartsWith("0x", StringComparison.Ordinal) && text.Length > 2 && !text.AsSpan(2).ContainsAnyExcept(Characters.Hexadecimal))
        || (text.StartsWith("0o", StringComparison.Ordinal) && text.Length > 2 && !text.AsSpan(2).ContainsAnyExceptInRange('0', '7'));

    private static bool IsFloat(string text)
    {
        var rest = Unsigned(text);
        if (rest is ".inf" or ".Inf" or ".INF" or ".nan" or ".NaN" or ".NAN") return true;
        var exponent = rest.IndexOfAny('e', 'E');
        if (exponent >= 0)
        {
            var power = rest[(exponent + 1)..];
            power = Unsigned(power);
            if (power.IsEmpty || power.ContainsAnyExceptInRange('0', '9')) return false;
            rest = rest[..exponent];
        }

        var point = rest.IndexOf('.');
        var whole = point < 0 ? rest : rest[..point];
        var fraction = point < 0 ? default : rest[(point + 1)..];
        return (whole.Length > 0 || fraction.Length > 0) && !whole.ContainsAnyExceptInRange('0', '9') && !fraction.ContainsAnyExceptInRange('0', '9');
    }
}

/// <summary>A list.</summary>
internal sealed record YamlList(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column)
{
    public override string Kind => "a list";
}

/// <summary>A mapping. Its keys are distinct strings.</summary>
internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, int Line, int Column) : YamlNode(Line, Column)
{
    public override string Kind => "a mapping";

    public YamlNode? Find(string key) => Entry(key)?.Value;

    public YamlScalar KeyOf(string key) => Entry(key)!.Key;

    private YamlEntry? Entry(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key.Text == key) return entry;
        }

        return null;
    }
}

/// <summary>One entry of a mapping.</summary>
internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
