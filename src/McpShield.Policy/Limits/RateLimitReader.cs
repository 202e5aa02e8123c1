using System.Collections.Immutable;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Limits;

/// <summary>Reads <c>rate_limit</c> of a rule.</summary>
internal static class RateLimitReader
{
    private static readonly string[] Parts = ["key", "agent", "user", "organization", "session", "tool", "server", "rule"];

    public static Shape Shape { get; } = Shape.Map(
        "`rate_limit`",
        new("limit", Shape.Matching("^[1-9][0-9]*/[1-9][0-9]*[smhd]$"), "So many calls a period: `60/1m`; periods in s, m, h or d.") { IsRequired = true, MissingHint = "write it like `60/1m`" },
        new("burst", Shape.Integer(1, 1_000_000), "So many may come at once; default the limit."),
        new("key", Shape.Words(Parts), "What is counted apart; default key and rule."),
        new("on_store_error", Shape.Word("deny", "local"), "What happens when the counters cannot be reached: deny (default), or count in this process."));

    public static RateLimit? Read(YamlNode node, Diagnostics diagnostics)
    {
        if (node is not YamlMap map || NodeReader.Text(map.Find("limit")) is not { } text) return null;
        if (RateLimit.Parse(text) is not { } rate)
        {
            diagnostics.Error("rate-limit", $"`{text}` is not a rate limit", map.Find("limit")!, "write it like `60/1m`; periods are in s, m, h or d");
            return null;
        }

        return new(rate.Units, rate.Period, (int)(NodeReader.Integer(map.Find("burst")) ?? rate.Units), ReadParts(map.Find("key")), NodeReader.Text(map.Find("on_store_error")) == "local");
    }

    private static ImmutableArray<RateLimitPart> ReadParts(YamlNode? node) => node is null
        ? [RateLimitPart.Key, RateLimitPart.Rule]
        : [.. NodeReader.Items(node).Select(NodeReader.Text).Where(static word => Parts.Contains(word, StringComparer.Ordinal)).Select(static word => Enum.Parse<RateLimitPart>(word!, ignoreCase: true)).Distinct()];
}
