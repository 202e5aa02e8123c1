using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace McpShield.Policy.Json;

/// <summary>A JSON text that was read once, strictly: what is decided, recorded and forwarded are all views of this one parse.</summary>
/// <remarks>
/// Holds the validated UTF-8 text and a table of nodes in document order, rented from a pool. Views (<see cref="JsonView"/>) are
/// valid until <see cref="Dispose"/>. Instances are immutable after <see cref="TryRead"/> and safe for concurrent readers.
/// Source: policy language, section 3.
/// </remarks>
public sealed class JsonTree : IDisposable
{
    private readonly ArraySegment<byte> array; // the same text, quicker to reach into; none when the text is no array
    private Node[] nodes;
    private bool disposed;

    private JsonTree(ReadOnlyMemory<byte> utf8, Node[] nodes, int count, int depth)
    {
        Utf8Text = utf8;
        if (MemoryMarshal.TryGetArray(utf8, out var segment)) array = segment;
        this.nodes = nodes;
        NodeCount = count;
        Depth = depth;
    }

    /// <summary>One value (or member name) of the text. Members stand as name node, value node, side by side.</summary>
    internal struct Node
    {
        /// <summary>First byte of the raw text, quotes included.</summary>
        public int Start;

        /// <summary>Length of the raw text in bytes.</summary>
        public int Length;

        /// <summary>Index of the node after this one's subtree.</summary>
        public int Next;

        /// <summary>Items of an array, members of an object.</summary>
        public int Count;

        public JsonKind Kind;

        /// <summary>A string whose raw text contains a backslash.</summary>
        public bool IsEscaped;
    }

    /// <summary>The outermost value.</summary>
    public JsonView Root => new(this, 0);

    /// <summary>How many nodes the table holds: every value and every member name.</summary>
    public int NodeCount { get; }

    /// <summary>How deep containers nest in the whole text.</summary>
    internal int Depth { get; }

    internal ReadOnlyMemory<byte> Utf8Text { get; }

    internal ReadOnlySpan<byte> Slice(int start, int length) => array.Array is not null ? array.AsSpan(start, length) : Utf8Text.Span.Slice(start, length);

    internal ref readonly Node this[int index]
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return ref nodes[index];
        }
    }

    /// <summary>Reads <paramref name="utf8"/> strictly: no byte-order mark, no invalid UTF-8, no duplicate or confusable member names, within <paramref name="limits"/>.</summary>
    /// <param name="utf8">The text; it must not change while the tree is alive.</param>
    /// <param name="limits">How large, deep and many-noded the text may be.</param>
    /// <param name="tree">The tree, or <c>null</c> when the text is refused.</param>
    /// <param name="fault">Why and where the text was refused.</param>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, JsonLimits limits, out JsonTree? tree, out JsonFault fault)
    {
        tree = null;
        if (utf8.Length > limits.MaxBytes)
        {
            fault = new(JsonFaultKind.TooLarge, limits.MaxBytes, $"larger than {limits.MaxBytes} bytes");
            return false;
        }

        var span = utf8.Span;
        if (span.StartsWith("\uFEFF"u8))
        {
            fault = new(JsonFaultKind.NotUtf8, 0, "starts with a byte-order mark");
            return false;
        }

        if (!Utf8.IsValid(span))
        {
            fault = new(JsonFaultKind.NotUtf8, FirstInvalidByte(span), "not valid UTF-8");
            return false;
        }

        var builder = new Builder(limits, Math.Min(span.Length / 8 + 16, 256));
        try
        {
            if (!builder.Read(span, out fault)) return false;
            tree = new JsonTree(utf8, builder.Detach(), builder.Count, builder.Depth);
            return true;
        }
        catch (JsonException invalid)
        {
            fault = builder.Invalid(invalid, span);
            return false;
        }
        finally
        {
            builder.Release();
        }
    }

    /// <summary>Returns the node table to its pool. Views of this tree must not be used afterwards.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        ArrayPool<Node>.Shared.Return(nodes);
        nodes = [];
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> span)
    {
        var offset = 0;
        while (offset < span.Length && Rune.DecodeFromUtf8(span[offset..], out _, out var consumed) is OperationStatus.Done)
        {
            offset += consumed;
        }

        return offset;
    }

    /// <summary>Fills the node table from the platform's tokenizer and adds the checks it does not make.</summary>
    private struct Builder(JsonLimits limits, int capacity)
    {
        private Node[]? table = ArrayPool<Node>.Shared.Rent(capacity);
        private int values;

        public int Count { get; private set; }

        public int Depth { get; private set; }

        public bool Read(ReadOnlySpan<byte> span, out JsonFault fault)
        {
            var reader = new Utf8JsonReader(span, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
            Span<int> open = stackalloc int[limits.MaxDepth];
            var depth = 0;

            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open[depth++] = Count;
                        Depth = Math.Max(Depth, depth);
                        Add(reader.TokenType is JsonTokenType.StartObject ? JsonKind.Object : JsonKind.Array, start, 1, false);
                        break;

                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        ref var container = ref table![open[--depth]];
                        container.Length = (int)reader.BytesConsumed - container.Start;
                        container.Next = Count;
                        if (container.Kind is JsonKind.Object && !MemberNames.AreDistinct(span, table, open[depth], out fault)) return false;
                        break;

                    case JsonTokenType.PropertyName:
                        // The tokenizer's position is already past the colon; the name itself ends after its closing quote.
                        var name = reader.ValueSpan.Length + 2;
                        if (!StringChecks.IsWellFormed(reader.ValueSpan, reader.ValueIsEscaped, isName: true, start, out fault)) return false;
                        Append(JsonKind.String, start, name, reader.ValueIsEscaped);
                        table![open[depth - 1]].Count++;
                        continue;

                    default:
                        var kind = KindOf(reader.TokenType);
                        if (kind is JsonKind.String && !StringChecks.IsWellFormed(reader.ValueSpan, reader.ValueIsEscaped, isName: false, start, out fault)) return false;
                        Add(kind, start, (int)reader.BytesConsumed - start, reader.ValueIsEscaped);
                        break;
                }

                if (values > limits.MaxNodes)
                {
                    fault = new(JsonFaultKind.TooManyNodes, start, $"more than {limits.MaxNodes} values");
                    return false;
                }

                // An item of an array counts when it begins; a member has counted with its name.
                if (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
                {
                    var parent = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? depth - 2 : depth - 1;
                    if (parent >= 0 && table![open[parent]].Kind is JsonKind.Array) table[open[parent]].Count++;
                }
            }

            fault = default;
            return true;
        }

        public readonly JsonFault Invalid(JsonException invalid, ReadOnlySpan<byte> span)
        {
            var offset = OffsetOf(invalid, span);
            return IsTooDeep(span)
                ? new(JsonFaultKind.TooDeep, offset, $"nested more than {limits.MaxDepth} deep")
                : new(JsonFaultKind.NotJson, offset, "not valid JSON");
        }

        public Node[] Detach()
        {
            var filled = table!;
            table = null;
            return filled;
        }

        public readonly void Release()
        {
            if (table is not null) ArrayPool<Node>.Shared.Return(table);
        }

        private void Add(JsonKind kind, int start, int length, bool escaped)
        {
            values++;
            Append(kind, start, length, escaped);
        }

        private void Append(JsonKind kind, int start, int length, bool escaped)
        {
            if (Count == table!.Length)
            {
                var larger = ArrayPool<Node>.Shared.Rent(Count * 2);
                table.AsSpan(0, Count).CopyTo(larger);
                ArrayPool<Node>.Shared.Return(table);
                table = larger;
            }

            table[Count] = new Node { Kind = kind, Start = start, Length = length, IsEscaped = escaped, Next = Count + 1 };
            Count++;
        }

        private static JsonKind KindOf(JsonTokenType token) => token switch
        {
            JsonTokenType.String => JsonKind.String,
            JsonTokenType.Number => JsonKind.Number,
            JsonTokenType.True => JsonKind.True,
            JsonTokenType.False => JsonKind.False,
            JsonTokenType.Null => JsonKind.Null,
            _ => throw new InvalidOperationException($"unexpected token {token}"),
        };

        // The tokenizer reports line and byte-in-line; people and tests want one offset.
        private static int OffsetOf(JsonException invalid, ReadOnlySpan<byte> span)
        {
            var offset = 0;
            for (var line = invalid.LineNumber ?? 0; line > 0; line--)
            {
                var feed = span[offset..].IndexOf((byte)'\n');
                if (feed < 0) break;
                offset += feed + 1;
            }

            return (int)Math.Min(offset + (invalid.BytePositionInLine ?? 0), span.Length);
        }

        // The tokenizer throws one exception type for everything; only the depth deserves its own words.
        private readonly bool IsTooDeep(ReadOnlySpan<byte> span)
        {
            var (depth, inString) = (0, false);
            for (var i = 0; i < span.Length; i++)
            {
                if (inString)
                {
                    if (span[i] == '\\') i++;
                    else if (span[i] == '"') inString = false;
                    continue;
                }

                switch (span[i])
                {
                    case (byte)'"': inString = true; break;
                    case (byte)'{' or (byte)'[': if (++depth > limits.MaxDepth) return true; break;
                    case (byte)'}' or (byte)']': depth--; break;
                }
            }

            return false;
        }
    }
}
