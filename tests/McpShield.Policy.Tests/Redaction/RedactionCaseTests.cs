using System.Text;
using System.Text.Json;
using CsCheck;
using McpShield.Policy.Json;
using McpShield.Policy.Redaction;

namespace McpShield.Policy.Tests.Redaction;

/// <summary>What each detector finds and leaves alone, as data, and laws that hold for any text.</summary>
public sealed class RedactionCaseTests
{
    private static readonly Redactor All = new([Filter.OfGroup("secrets"), Filter.OfGroup("pii")], []);

    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.String,
        Gen.OneOf("4111 1111 1111 1111", "4111\u200b111111111111", "GB82 WEST 1234 5698 7654 32", "ann@example.com", "AKIAIOSFODNN7EXAMPLE", "\uff14111111111111111", "{\"a\":\"4111111111111111\"}", "\ud800", " ", "x", "-", "+49 30 901820", "\"").Array[0, 5].Select(static parts => string.Concat(parts)));

    public static TheoryData<string> Files => ["samples.json", "redaction.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_comes_out_as_it_says(string file)
    {
        var wrong = new List<string>();
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", file)));
        foreach (var entry in document.RootElement.GetProperty("redaction_cases").EnumerateArray())
        {
            var text = string.Concat(entry.GetProperty("text_parts").EnumerateArray().Select(static part => part.GetString()));
            var filter = Filter.Of("case", entry.GetProperty("kinds").EnumerateArray().Select(static kind => kind.GetString()!), FilterAction.Mask, out _)!;
            var redaction = new Redactor([filter], []).Redact(text);
            var actual = redaction.IsBlocked ? "block" : redaction.Text == text ? "keep" : "redact";
            var expected = entry.GetProperty("expect").GetString();
            if (actual != expected) wrong.Add($"{entry.GetProperty("id")} {entry.GetProperty("why")}: {actual}, not {expected}: {redaction.Text}");
            else if (entry.TryGetProperty("text", out var masked) && redaction.Text != masked.GetString()) wrong.Add($"{entry.GetProperty("id")} {entry.GetProperty("why")}: `{redaction.Text}`, not `{masked}`");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Findings_lie_in_the_text_in_order_and_apart() => AnyText.Sample(static text =>
    {
        var end = 0;
        foreach (var finding in All.Redact(text).Findings)
        {
            if (finding.Start < end || finding.Length <= 0 || finding.Start + finding.Length > text.Length) return false;
            end = finding.Start + finding.Length;
        }

        return true;
    });

    [Fact]
    public void What_was_masked_holds_nothing_to_mask() => AnyText.Sample(static text =>
    {
        var once = All.Redact(text);
        return once.IsBlocked || All.Redact(once.Text).Text == once.Text;
    });

    [Fact]
    public void A_text_without_findings_is_the_same_text() => AnyText.Sample(static text => All.Redact(text) is { Findings.Length: > 0 } or { IsBlocked: true } || All.Redact(text).Text == text);

    [Fact]
    public void A_document_stays_a_document_with_all_its_members()
    {
        using var tree = Read("""{"4111111111111111":1,"4111111111111112":2,"5500000000000004":"x","n":4111111111111111,"in":"{\"card\":\"4111111111111111\",\"b\":1.50}","keep":"é\u0041"}""");

        var redaction = All.Redact(tree.Root);
        using var shown = Read(Encoding.UTF8.GetString(redaction.Rewritten.Span));

        Assert.Equal(tree.Root.Count, shown.Root.Count);
        Assert.DoesNotContain("4111111111111111", Encoding.UTF8.GetString(redaction.Rewritten.Span), StringComparison.Ordinal);
        Assert.Equal("\"é\\u0041\"", Encoding.UTF8.GetString(shown.Root["keep"u8].Raw));
        Assert.Contains("1.50", shown.Root["in"u8].GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonKind.String, shown.Root["n"u8].Kind);
    }

    [Fact]
    public void A_hash_is_the_same_for_the_same_value_and_key_and_tells_nothing_under_another()
    {
        var filter = Filter.Of("h", ["card"], FilterAction.Hash, out _)!;
        string Hash(byte key, string text) => new Redactor([filter], Enumerable.Repeat(key, 32).ToArray()).Redact(text).Text;

        Assert.Matches("^\\[card#[0-9a-f]{12}\\]$", Hash(1, "4111111111111111"));
        Assert.Equal(Hash(1, "4111111111111111"), Hash(1, "4111111111111111"));
        Assert.NotEqual(Hash(1, "4111111111111111"), Hash(2, "4111111111111111"));
        Assert.NotEqual(Hash(1, "4111111111111111"), Hash(1, "5500000000000004"));
    }

    private static JsonTree Read(string json) => JsonTree.TryRead(Encoding.UTF8.GetBytes(json), new(1 << 20, 64, 10_000), out var tree, out var fault) ? tree! : throw new InvalidOperationException(fault.Message);
}
