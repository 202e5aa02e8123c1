using System.Buffers;
using System.Text;

namespace McpShield.Policy.Json;

/// <summary>One value of a <see cref="JsonTree"/>. The default view stands for a value that is not there.</summary>
public readonly struct JsonView
{
    private const int MaxOnStack = 256;

    private readonly JsonTree? tree;
    private readonly int index;

    internal JsonView(JsonTree tree, int index)
    {
        this.tree = tree;
        this.index = index;
    }

    /// <summary>What the value is; <see cref="JsonKind.Undefined"/> when there is none.</summary>
    public JsonKind Kind => tree is null ? JsonKind.Undefined : tree[index].Kind;

    /// <summary>Whether there is a value.</summary>
    public bool Exists => tree is not null;

    /// <summary>Items of an array, members of an object, 0 of anything else.</summary>
    public int Count => tree is null ? 0 : tree[index].Count;

    /// <summary>The value as it stands in the text, quotes of a string included.</summary>
    public ReadOnlySpan<byte> Raw => tree is null ? default : tree.Slice(tree[index].Start, tree[index].Length);

    /// <summary>Byte offset of the value in its text.</summary>
    public int Offset => tree is null ? 0 : tree[index].Start;

    /// <summary>The member named exactly <paramref name="name"/> (ordinal, after unescaping), or no value.</summary>
    public JsonView this[ReadOnlySpan<byte> name]
    {
        get
        {
            foreach (var member in Members)
            {
                if (member.Name.StringEquals(name)) return member.Value;
            }

            return default;
        }
    }

    /// <summary>The members of an object, in document order; empty for anything else.</summary>
    public MemberEnumerable Members => new(this);

    /// <summary>The items of an array, in order; empty for anything else.</summary>
    public ItemEnumerable Items => new(this);

    /// <summary>The string, unescaped. Throws when the value is not a string.</summary>
    public string GetString()
    {
        if (Kind is not JsonKind.String) throw new InvalidOperationException($"a {Kind} is not a string");
        var inner = Raw[1..^1];
        return StringChecks.Decode(inner, tree![index].IsEscaped);
    }

    /// <summary>The string, or <c>null</c> when the value is anything else.</summary>
    public string? AsString() => Kind is JsonKind.String ? GetString() : null;

    /// <summary>Whether the value is a string equal to <paramref name="utf8"/>, byte for byte after unescaping.</summary>
    public bool StringEquals(ReadOnlySpan<byte> utf8)
    {
        if (TryGetUnescaped(out var inner)) return inner.SequenceEqual(utf8);
        return Kind is JsonKind.String && Encoding.UTF8.GetBytes(GetString()).AsSpan().SequenceEqual(utf8);
    }

    /// <summary>Whether the value is a string equal to <paramref name="text"/>, ordinally.</summary>
    internal bool StringEquals(string text)
    {
        if (!TryGetUnescaped(out var inner) || inner.Length > MaxOnStack) return Kind is JsonKind.String && GetString() == text;
        Span<char> characters = stackalloc char[MaxOnStack];
        return characters[..Encoding.UTF8.GetChars(inner, characters)].SequenceEqual(text);
    }

    /// <summary>The text of a string that is written without escapes, so that its bytes are what it says.</summary>
    internal bool TryGetUnescaped(out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        if (tree is null) return false;
        ref readonly var node = ref tree[index];
        if (node.Kind is not JsonKind.String || node.IsEscaped) return false;
        utf8 = tree.Slice(node.Start + 1, node.Length - 2);
        return true;
    }

    /// <summary>How many code points a string has.</summary>
    internal int CountCodePoints()
    {
        var count = 0;
        if (TryGetUnescaped(out var utf8))
        {
            // Every byte but a continuation begins a code point.
            foreach (var octet in utf8) count += (octet & 0xC0) != 0x80 ? 1 : 0;
            return count;
        }

        foreach (var _ in GetString().EnumerateRunes()) count++;
        return count;
    }

    /// <summary>How deep containers nest in this value: 0 for a scalar, 1 for <c>{}</c>.</summary>
    public int Depth()
    {
        var deepest = 0;
        foreach (var item in Items) deepest = Math.Max(deepest, item.Depth());
        foreach (var member in Members) deepest = Math.Max(deepest, member.Value.Depth());
        return Kind is JsonKind.Array or JsonKind.Object ? deepest + 1 : 0;
    }

    /// <summary>Whether containers nest deeper than <paramref name="limit"/> in this value; where the whole text is flatter, nothing is walked.</summary>
    internal bool IsDeeperThan(int limit) => tree is not null && tree.Depth > limit && Depth() > limit;

    /// <summary>Writes the value without insignificant white space; scalars and names keep their own text, so numbers and escapes survive exactly.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        switch (Kind)
        {
            case JsonKind.Undefined:
                throw new InvalidOperationException("there is no value to write");

            case JsonKind.Object:
                var first = true;
                output.Write("{"u8);
                foreach (var member in Members)
                {
                    if (!first) output.Write(","u8);
                    first = false;
                    output.Write(member.Name.Raw);
                    output.Write(":"u8);
                    member.Value.WriteTo(output);
                }

                output.Write("}"u8);
                break;

            case JsonKind.Array:
                first = true;
                output.Write("["u8);
                foreach (var item in Items)
                {
                    if (!first) output.Write(","u8);
                    first = false;
                    item.WriteTo(output);
                }

                output.Write("]"u8);
                break;

            default:
                output.Write(Raw);
                break;
        }
    }

    /// <summary>The value as compact JSON text; see <see cref="WriteTo"/>.</summary>
    public override string ToString()
    {
        if (!Exists) return "";
        var buffer = new ArrayBufferWriter<byte>(Raw.Length);
        WriteTo(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private JsonTree Tree => tree!;

    /// <summary>A member of an object.</summary>
    /// <param name="Name">Its name, a string.</param>
    /// <param name="Value">Its value.</param>
    public readonly record struct Member(JsonView Name, JsonView Value);

    /// <summary>Walks the members of an object without allocating.</summary>
    public struct MemberEnumerable
    {
        private readonly JsonView owner;
        private int left;
        private int current;
        private int next;

        internal MemberEnumerable(JsonView owner)
        {
            this.owner = owner;
            left = owner.Kind is JsonKind.Object ? owner.Count : 0;
            next = owner.index + 1;
        }

        /// <summary>The member reached.</summary>
        public readonly Member Current => new(new(owner.Tree, current), new(owner.Tree, current + 1));

        /// <summary>This enumerable, for <c>foreach</c>.</summary>
        public readonly MemberEnumerable GetEnumerator() => this;

        /// <summary>Goes to the next member.</summary>
        public bool MoveNext()
        {
            if (left-- <= 0) return false;
            current = next;
            next = owner.Tree[current + 1].Next;
            return true;
        }
    }

    /// <summary>Walks the items of an array without allocating.</summary>
    public struct ItemEnumerable
    {
        private readonly JsonView owner;
        private int left;
        private int current;
        private int next;

        internal ItemEnumerable(JsonView owner)
        {
            this.owner = owner;
            left = owner.Kind is JsonKind.Array ? owner.Count : 0;
            next = owner.index + 1;
        }

        /// <summary>The item reached.</summary>
        public readonly JsonView Current => new(owner.Tree, current);

        /// <summary>This enumerable, for <c>foreach</c>.</summary>
        public readonly ItemEnumerable GetEnumerator() => this;

        /// <summary>Goes to the next item.</summary>
        public bool MoveNext()
        {
            if (left-- <= 0) return false;
            current = next;
            next = owner.Tree[current].Next;
            return true;
        }
    }
}
