using System.Collections.Immutable;
using McpShield.Policy.Language;

namespace McpShield.Policy.Limits;

/// <summary>Reads <c>rate_limit</c> of a rule.</summary>
internal static class RateLimitReader
{
    private static readonly string[] Keys = ["limit", "burst", "key", "on_store_error"];
    private static readonly string[] Parts = ["key", "agent", "user", "organization", "session", "tool", "server", "rule"];

    public static RateLimit? Read(YamlNode node, NodeReader read)
    {
        if (read.Map(node, "rate_limit") is not { } map) return null;
        (int Units, TimeSpan Period)? limit = null;
        long? burst = null;
        ImmutableArray<RateLimitPart>? parts = [RateLimitPart.Key, RateLimitPart.Rule];
        var isGiven = false;
        foreach (var (key, value) in map.Entries)
        {
            switch (key.Text)
            {
                case "limit":
                    isGiven = true;
                    if (read.Text(value, "limit") is not { } text) break;
                    limit = RateLimit.Parse(text);
                    if (limit is null) read.Diagnostics.Error("rate-limit", $"`{text}` is not a rate limit", value, "write it like `60/1m`; periods are in s, m, h or d");
                    break;
                case "burst":
                    burst = read.Integer(value, "burst", 1, 1_000_000);
                    break;
                case "key":
                    parts = ReadParts(value, key, read);
                    break;
                case "on_store_error":
                    read.Word(value, "on_store_error", "deny", "local"); // counters in this process cannot fail; both words are kept
                    break;
                default:
                    read.UnknownKey(key, "`rate_limit`", Keys);
                    break;
            }
        }

        if (!isGiven) read.Diagnostics.Error("missing-key", "`rate_limit` needs `limit`", map, "write it like `60/1m`");
        return limit is { } rate && parts is { } counted ? new(rate.Units, rate.Period, (int)(burst ?? rate.Units), counted) : null;
    }

    private static ImmutableArray<RateLimitPart>? ReadParts(YamlNode node, YamlScalar key, NodeReader read)
    {
        if (read.Texts(node, "key") is not { } texts) return null;
        var parts = ImmutableArray.CreateBuilder<RateLimitPart>();
        foreach (var (text, at) in texts)
        {
            if (read.Word(at, "key", Parts) is null) return null;
            if (text == "session")
            {
                read.NotSupportedYet(key);
                return null;
            }

            var part = Enum.Parse<RateLimitPart>(text, ignoreCase: true);
            if (!parts.Contains(part)) parts.Add(part);
        }

        return parts.ToImmutable();
    }
}
