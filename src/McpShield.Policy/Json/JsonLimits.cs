namespace McpShield.Policy.Json;

/// <summary>How much JSON a strict read accepts.</summary>
/// <param name="MaxBytes">Bytes of UTF-8 text.</param>
/// <param name="MaxDepth">Containers inside one another; <c>[[]]</c> is 2 deep.</param>
/// <param name="MaxNodes">Values, containers included; member names do not count.</param>
public readonly record struct JsonLimits(int MaxBytes, int MaxDepth, int MaxNodes)
{
    /// <summary>What a call's arguments may be: 1 MiB, 32 deep, 10,000 values (policy language, section 3).</summary>
    public static JsonLimits Arguments { get; } = new(1024 * 1024, 32, 10_000);

    /// <summary>What one message of an agent may be: as <see cref="Arguments"/>, with the two containers that wrap arguments in a JSON-RPC request.</summary>
    public static JsonLimits Message { get; } = new(1024 * 1024, 34, 10_000);
}

/// <summary>What a value of a <see cref="JsonTree"/> is. Zero is no value at all.</summary>
public enum JsonKind : byte
{
    /// <summary>No value: an absent member, a default view.</summary>
    Undefined,

    /// <summary><c>null</c></summary>
    Null,

    /// <summary><c>false</c></summary>
    False,

    /// <summary><c>true</c></summary>
    True,

    /// <summary>A number, kept as its decimal text.</summary>
    Number,

    /// <summary>A string.</summary>
    String,

    /// <summary>An array.</summary>
    Array,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>Why a text is not acceptable JSON.</summary>
public enum JsonFaultKind
{
    /// <summary>Not JSON, or more than one value.</summary>
    NotJson,

    /// <summary>Invalid UTF-8, or a byte-order mark.</summary>
    NotUtf8,

    /// <summary>More bytes than allowed.</summary>
    TooLarge,

    /// <summary>Nested deeper than allowed.</summary>
    TooDeep,

    /// <summary>More values than allowed.</summary>
    TooManyNodes,

    /// <summary>The same member name twice in one object, or two that are equal after NFKC and case folding.</summary>
    DuplicateName,

    /// <summary>A control character in a member name.</summary>
    ControlInName,

    /// <summary>A surrogate code unit without its partner.</summary>
    LoneSurrogate,
}

/// <summary>Why and where a text was refused.</summary>
/// <param name="Kind">The rule that was broken.</param>
/// <param name="Offset">Byte offset into the text.</param>
/// <param name="Message">For people: lower case, no final stop, and nothing of the text itself but member names.</param>
public readonly record struct JsonFault(JsonFaultKind Kind, int Offset, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Message} (byte {Offset})";
}
