using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using McpShield.Policy.Json;

namespace McpShield.Policy.Tests.Json;

public sealed class JsonTreeTests
{
    private static readonly JsonLimits Limits = JsonLimits.Arguments;

    // One character is one byte here, so that text which is not UTF-8 can be written too.
    [Theory]
    [InlineData(JsonFaultKind.NotJson, "", 0)]
    [InlineData(JsonFaultKind.NotJson, "]", 0)]
    [InlineData(JsonFaultKind.NotJson, "1 2", 2)]
    [InlineData(JsonFaultKind.NotJson, "{}\n x", 4)]
    [InlineData(JsonFaultKind.NotJson, "[1,]", 3)]
    [InlineData(JsonFaultKind.NotJson, "{\"a\":1,}", 7)]
    [InlineData(JsonFaultKind.NotJson, "[NaN]", 1)]
    [InlineData(JsonFaultKind.NotJson, "[\n\n  Infinity]", 5)]
    [InlineData(JsonFaultKind.NotJson, "[/**/]", 1)]
    [InlineData(JsonFaultKind.NotJson, "'a'", 0)]
    [InlineData(JsonFaultKind.NotUtf8, "\u00ef\u00bb\u00bf1", 0)]
    [InlineData(JsonFaultKind.NotUtf8, "\u00ff", 0)]
    [InlineData(JsonFaultKind.NotUtf8, "[\"a\u0080\"]", 3)]
    [InlineData(JsonFaultKind.NotUtf8, "\"\u00c0\u00af\"", 1)] // an overlong slash
    [InlineData(JsonFaultKind.NotUtf8, "\"\u00ed\u00a0\u0080\"", 1)] // a surrogate, encoded by itself
    [InlineData(JsonFaultKind.NotUtf8, "\"\u00f4\u0090\u0080\u0080\"", 1)] // beyond the last code point
    [InlineData(JsonFaultKind.NotUtf8, "\"\u00e2\u0082", 1)] // cut off
    [InlineData(JsonFaultKind.DuplicateName, "{\"a\":1,\"a\":1}", 7)]
    [InlineData(JsonFaultKind.DuplicateName, "{\"a\":1,\"A\":1}", 7)]
    [InlineData(JsonFaultKind.DuplicateName, "{\"a\":1,\"\\u0061\":1}", 7)]
    [InlineData(JsonFaultKind.DuplicateName, "[{\"a\":{\"b\":1,\"b\":2}}]", 13)]
    [InlineData(JsonFaultKind.DuplicateName, "{\"s\":1,\"\u00c5\u00bf\":1}", 7)] // long s
    [InlineData(JsonFaultKind.ControlInName, "{\"\\u0000\":1}", 1)]
    [InlineData(JsonFaultKind.ControlInName, "{\"\u007f\":1}", 1)]
    [InlineData(JsonFaultKind.ControlInName, "{\"\u00c2\u0085\":1}", 1)]
    [InlineData(JsonFaultKind.LoneSurrogate, "\"\\ud800\"", 0)]
    [InlineData(JsonFaultKind.LoneSurrogate, "[\"\\uDC00\"]", 1)]
    [InlineData(JsonFaultKind.LoneSurrogate, "{\"\\ud800\":1}", 1)]
    [InlineData(JsonFaultKind.LoneSurrogate, "\"\\ud83d\\n\\ude00\"", 0)]
    [InlineData(JsonFaultKind.LoneSurrogate, "\"\\ud83d\\\\ude00\"", 0)]
    public void What_is_not_strict_JSON_is_refused_where_it_goes_wrong(JsonFaultKind kind, string text, int offset)
    {
        Assert.False(JsonTree.TryRead(Encoding.Latin1.GetBytes(text), Limits, out var tree, out var fault));
        Assert.Null(tree);
        Assert.Equal((kind, offset), (fault.Kind, fault.Offset));
    }

    [Theory]
    [InlineData("[1,2]", 5, 9, 9, null)]
    [InlineData("[1,2]", 4, 9, 9, JsonFaultKind.TooLarge)]
    [InlineData("[[]]", 9, 2, 9, null)]
    [InlineData("[[]]", 9, 1, 9, JsonFaultKind.TooDeep)]
    [InlineData("[{}]", 9, 1, 9, JsonFaultKind.TooDeep)]
    [InlineData("1", 9, 1, 1, null)]
    [InlineData("[1,2]", 9, 9, 3, null)]
    [InlineData("[1,2]", 9, 9, 2, JsonFaultKind.TooManyNodes)]
    [InlineData("{\"a\":1,\"b\":2}", 99, 9, 3, null)] // names do not count
    [InlineData("{\"a\":1,\"b\":2}", 99, 9, 2, JsonFaultKind.TooManyNodes)]
    public void A_limit_is_reached_and_not_passed(string text, int bytes, int depth, int nodes, JsonFaultKind? refused)
    {
        var isRead = JsonTree.TryRead(Encoding.UTF8.GetBytes(text), new(bytes, depth, nodes), out var tree, out var fault);
        tree?.Dispose();

        Assert.Equal(refused is null, isRead);
        if (refused is not null) Assert.Equal(refused, fault.Kind);
    }

    [Fact]
    public void Arguments_may_be_one_mebibyte_and_not_a_byte_more()
    {
        const int bytes = 1024 * 1024;

        Assert.True(IsRead($"\"{new string('a', bytes - 2)}\""));
        Assert.Equal(JsonFaultKind.TooLarge, FaultOf($"\"{new string('a', bytes - 1)}\"").Kind);
        Assert.Equal(JsonFaultKind.TooLarge, FaultOf("1" + new string(' ', bytes)).Kind);
    }

    [Fact]
    public void Arguments_may_be_32_deep()
    {
        Assert.True(IsRead(Nested(32)));
        Assert.Equal(JsonFaultKind.TooDeep, FaultOf(Nested(33)).Kind);
        Assert.Equal(JsonFaultKind.TooDeep, FaultOf(new string('[', 1024 * 1024)).Kind);
    }

    [Fact]
    public void Arguments_may_hold_10_000_values()
    {
        Assert.True(IsRead($"[{string.Join(',', Enumerable.Repeat("1", 9_999))}]"));
        Assert.Equal(JsonFaultKind.TooManyNodes, FaultOf($"[{string.Join(',', Enumerable.Repeat("1", 10_000))}]").Kind);
        Assert.True(IsRead($"{{{string.Join(',', Enumerable.Range(0, 9_999).Select(n => $"\"{n}\":1"))}}}"));
        Assert.Equal(JsonFaultKind.TooManyNodes, FaultOf($"{{{string.Join(',', Enumerable.Range(0, 10_000).Select(n => $"\"{n}\":1"))}}}").Kind);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(500)]
    public void A_name_that_stands_twice_is_found_among_few_and_among_many(int count)
    {
        var names = Enumerable.Range(0, count).Select(n => $"n{n}").ToList();

        Assert.True(IsRead(Object(names)));
        Assert.Equal(JsonFaultKind.DuplicateName, FaultOf(Object([.. names[..^1], names[0]])).Kind);
        Assert.Equal(JsonFaultKind.DuplicateName, FaultOf(Object([.. names, names[^1].ToUpperInvariant()])).Kind);
    }

    [Fact]
    public void A_fault_repeats_no_value()
    {
        foreach (var text in new[] { "{\"a\":\"secret\"", "{\"a\":\"secret\\ud800\"}", "{\"a\":secret}", "{\"a\":\"secret\",\"a\":\"secret\"}" })
        {
            Assert.DoesNotContain("secret", FaultOf(text).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Writing_drops_white_space_and_keeps_every_other_character() => Read(
        " { \"a\" : 1.0 ,\r\n\t\"b\\u0041\" : [ 1e400 , -0 , \"\\/\\u00e9 é\" , { } , [ ] ] , \"\" : null } ",
        root => Assert.Equal("{\"a\":1.0,\"b\\u0041\":[1e400,-0,\"\\/\\u00e9 é\",{},[]],\"\":null}", root.ToString()));

    [Fact]
    public void What_is_read_is_what_the_platform_reads() => JsonTexts.Any.Sample(text =>
    {
        using var document = JsonDocument.Parse(text);
        var same = false;
        Read(text, root => same = AreSame(root, document.RootElement));
        return same;
    }, iter: 500);

    [Fact]
    public void What_is_written_reads_as_the_same_text_again() => JsonTexts.Any.Sample(text =>
    {
        var written = "";
        Read(text, root => written = root.ToString());
        var again = "";
        Read(written, root => again = root.ToString());
        return again == written;
    }, iter: 500);

    [Fact]
    public void No_bytes_make_the_reader_throw_and_what_it_accepts_is_JSON()
    {
        var pcg = new PCG(2, 2026);
        var change = Gen.Select(Gen.Int[0, 200], Gen.Byte, Gen.Int[0, 2]).Array[1, 4];
        var accepted = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(JsonTexts.Any.Generate(pcg, null, out _)).ToList();
            foreach (var (at, value, how) in change.Generate(pcg, null, out _))
            {
                if (how == 0) bytes.Insert(at % (bytes.Count + 1), value);
                else if (bytes.Count == 0) continue;
                else if (how == 1) bytes[at % bytes.Count] = value;
                else bytes.RemoveAt(at % bytes.Count);
            }

            if (!JsonTree.TryRead(bytes.ToArray(), Limits, out var tree, out var fault))
            {
                Assert.InRange(fault.Offset, 0, bytes.Count);
                continue;
            }

            accepted++;
            using (tree)
            using (var document = JsonDocument.Parse(bytes.ToArray()))
            {
                Assert.True(AreSame(tree!.Root, document.RootElement));
            }
        }

        Assert.InRange(accepted, 100, 4_900);
    }

    [Fact]
    public void A_member_is_found_by_its_exact_name() => Read("{\"a\":1,\"b\\u0063\":2,\"é\":3,\"d\":{\"a\":4}}", root =>
    {
        Assert.Equal("1", root["a"u8].ToString());
        Assert.Equal("2", root["bc"u8].ToString());
        Assert.Equal("3", root["é"u8].ToString());
        Assert.Equal("4", root["d"u8]["a"u8].ToString());
        Assert.False(root["A"u8].Exists);
        Assert.False(root["b"u8].Exists);
        Assert.False(root["a"u8]["a"u8].Exists);
        Assert.False(root["x"u8]["y"u8].Exists);
    });

    [Fact]
    public void A_view_says_what_it_is_where_it_stands_and_how_deep_it_goes() => Read(" {\"a\":[1,\"x\\n\",{\"b\":[]}]}", root =>
    {
        var list = root["a"u8];

        Assert.Equal((JsonKind.Object, 1, 4, 1), (root.Kind, root.Count, root.Depth(), root.Offset));
        Assert.Equal((JsonKind.Array, 3, 3, 6), (list.Kind, list.Count, list.Depth(), list.Offset));
        Assert.Equal([JsonKind.Number, JsonKind.String, JsonKind.Object], Kinds(list));
        Assert.Empty(Kinds(root));
        Assert.Null(list.AsString());
        Assert.Throws<InvalidOperationException>(() => root.GetString());
    });

    [Fact]
    public void A_value_that_is_not_there_is_undefined_and_empty()
    {
        JsonView nothing = default;

        Assert.Equal((JsonKind.Undefined, false, 0, 0, ""), (nothing.Kind, nothing.Exists, nothing.Count, nothing.Depth(), nothing.ToString()));
        Assert.False(nothing["a"u8].Exists);
        Assert.Empty(Kinds(nothing));
        Assert.Throws<InvalidOperationException>(() => nothing.WriteTo(new ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => CanonicalJson.ToBytes(default));
    }

    [Fact]
    public void A_tree_that_was_given_back_answers_no_more()
    {
        Assert.True(JsonTree.TryRead("[1]"u8.ToArray(), Limits, out var tree, out _));
        var root = tree!.Root;

        tree.Dispose();
        tree.Dispose();

        Assert.Throws<ObjectDisposedException>(() => root.Kind);
    }

    // SPEC: RFC 8785, section 3.2.2, but numbers keep their own text.
    [Fact]
    public void Canonical_strings_and_literals_are_those_of_the_RFC_and_numbers_their_own() => Assert.Equal(
        "{\"literals\":[null,true,false],\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
        Canonical("{\n\"numbers\": [333333333.33333329, 1E30, 4.50,\n2e-3, 0.000000000000000000000000001],\n\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n\"literals\": [null, true, false]\n}"));

    // SPEC: RFC 8785, section 3.2.3, without its two names that hold control characters: a strict reader refuses those.
    [Fact]
    public void Canonical_names_are_in_the_order_of_their_UTF_16_units() => Assert.Equal(
        "{\"1\":\"One\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}",
        Canonical("{\"\\u20ac\":\"Euro Sign\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}"));

    [Theory]
    [InlineData("\"\\u0000\\u001f\\b\\f\\n\\r\\t\"", "\"\\u0000\\u001f\\b\\f\\n\\r\\t\"")]
    [InlineData("\"\\u0008\\u000c\\u000A\\u000d\\u0009\"", "\"\\b\\f\\n\\r\\t\"")]
    [InlineData("\"\\/\\u007f\\u2028<>&'\"", "\"/\u007f\u2028<>&'\"")]
    [InlineData("{\"b\":{\"d\":1,\"c\":2},\"a\":[]}", "{\"a\":[],\"b\":{\"c\":2,\"d\":1}}")]
    [InlineData("{\"a\":1,\"\":2,\"aa\":3,\"B\":4}", "{\"\":2,\"B\":4,\"a\":1,\"aa\":3}")]
    [InlineData("[ 1.0 , 1 , -0 , 1e400 ]", "[1.0,1,-0,1e400]")]
    public void Canonical_text_is_one_of_its_kind(string text, string expected) => Assert.Equal(expected, Canonical(text));

    [Fact]
    public void The_hash_is_that_of_the_canonical_text_and_two_different_numbers_never_hash_alike()
    {
        Assert.Equal(SHA256.HashData("{\"a\":1,\"b\":2}"u8), Hash("{ \"b\": 2, \"\\u0061\": 1 }"));
        Assert.NotEqual(Hash("9007199254740993"), Hash("9007199254740992"));
        Assert.NotEqual(Hash("1e400"), Hash("1e401"));
        Assert.NotEqual(Hash("\"1\""), Hash("1"));
    }

    [Fact]
    public void The_canonical_form_of_the_canonical_form_is_itself() => JsonTexts.Any.Sample(text => Canonical(text) is var once && Canonical(once) == once, iter: 500);

    private static bool IsRead(string text)
    {
        var isRead = JsonTree.TryRead(Encoding.UTF8.GetBytes(text), Limits, out var tree, out _);
        tree?.Dispose();
        return isRead;
    }

    private static JsonFault FaultOf(string text)
    {
        Assert.False(JsonTree.TryRead(Encoding.UTF8.GetBytes(text), Limits, out _, out var fault));
        return fault;
    }

    [Fact]
    public void The_canonical_form_is_as_long_as_it_was_measured() => JsonTexts.Any.Sample(text =>
    {
        var (measured, length) = (0, 0);
        Read(text, root => (measured, length) = (CanonicalJson.Measure(root), CanonicalJson.ToBytes(root).Length));
        return measured == length;
    }, iter: 2_000);

    [Fact]
    public void A_value_is_deeper_than_a_limit_exactly_when_its_containers_nest_deeper() => JsonTexts.Any.Sample(text =>
    {
        var holds = true;
        Read(text, root =>
        {
            for (var limit = 0; limit < 6; limit++)
            {
                holds &= root.IsDeeperThan(limit) == root.Depth() > limit;
                foreach (var item in root.Items) holds &= item.IsDeeperThan(limit) == item.Depth() > limit;
            }
        });
        return holds;
    }, iter: 1_000);

    [Fact]
    public void A_string_has_as_many_code_points_as_its_text_and_equals_it() => JsonTexts.Any.Sample(text =>
    {
        var holds = true;
        Read(text, root =>
        {
            foreach (var (name, _) in root.Members) holds &= name.CountCodePoints() == name.GetString().EnumerateRunes().Count() && name.StringEquals(name.GetString()) && !name.StringEquals(name.GetString() + "x");
        });
        return holds;
    }, iter: 1_000);

    private static void Read(string text, Action<JsonView> look)
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(text), Limits, out var tree, out var fault), fault.ToString());
        using (tree) look(tree!.Root);
    }

    private static string Canonical(string text)
    {
        var canonical = "";
        Read(text, root => canonical = Encoding.UTF8.GetString(CanonicalJson.ToBytes(root)));
        return canonical;
    }

    private static byte[] Hash(string text)
    {
        byte[] hash = [];
        Read(text, root => hash = CanonicalJson.Sha256(root));
        return hash;
    }

    private static List<JsonKind> Kinds(JsonView array)
    {
        var kinds = new List<JsonKind>();
        foreach (var item in array.Items) kinds.Add(item.Kind);
        return kinds;
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string Object(IEnumerable<string> names) => $"{{{string.Join(',', names.Select(static name => $"\"{name}\":1"))}}}";

    private static bool AreSame(JsonView ours, JsonElement theirs)
    {
        switch (theirs.ValueKind)
        {
            case JsonValueKind.Object:
                var members = theirs.EnumerateObject().ToList();
                if (ours.Kind is not JsonKind.Object || ours.Count != members.Count) return false;
                var at = 0;
                foreach (var (name, value) in ours.Members)
                {
                    if (name.GetString() != members[at].Name || !AreSame(value, members[at].Value)) return false;
                    at++;
                }

                return at == members.Count;

            case JsonValueKind.Array:
                var items = theirs.EnumerateArray().ToList();
                if (ours.Kind is not JsonKind.Array || ours.Count != items.Count) return false;
                at = 0;
                foreach (var item in ours.Items)
                {
                    if (!AreSame(item, items[at++])) return false;
                }

                return at == items.Count;

            case JsonValueKind.String:
                return ours.AsString() == theirs.GetString();

            default:
                return ours.Kind == theirs.ValueKind switch
                {
                    JsonValueKind.Number => JsonKind.Number,
                    JsonValueKind.True => JsonKind.True,
                    JsonValueKind.False => JsonKind.False,
                    _ => JsonKind.Null,
                } && Encoding.UTF8.GetString(ours.Raw) == theirs.GetRawText();
        }
    }
}
