using System.Text;
using System.Text.RegularExpressions;

namespace McpShield.Server.Features.Keys;

/// <summary>What may be said of a key, beyond what attributes can check.</summary>
internal static partial class KeyFields
{
    private const int MostWords = 32;
    private const string NoAgent = "agent";

    /// <summary>What is wrong with the fields given, by their names in the request; empty: nothing.</summary>
    public static Dictionary<string, string[]> Problems(string? agent, IReadOnlyList<string>? roles, IReadOnlyList<string>? scopes, DateTimeOffset? expiresAt, int? expiresInDays, DateTimeOffset now)
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (agent is not null && !AgentName().IsMatch(agent)) problems["agent"] = ["begins with a letter or digit and holds only letters, digits and . _ : @ / -"];
        if (Wrong(roles) is { } role) problems["roles"] = [role];
        if (Wrong(scopes) is { } scope) problems["scopes"] = [scope];
        if (expiresAt is not null && expiresInDays is not null) problems["expires_in_days"] = ["give either expires_at or expires_in_days"];
        else if (expiresAt <= now) problems["expires_at"] = ["must be in the future"];
        return problems;
    }

    /// <summary>The name of an agent for a key that has only a name for people.</summary>
    public static string AgentOf(string? name)
    {
        var slug = new StringBuilder();
        foreach (var unit in name ?? "")
        {
            if (char.IsAsciiLetterOrDigit(unit)) slug.Append(char.ToLowerInvariant(unit));
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }

        var text = slug.ToString().TrimEnd('-');
        return text.Length == 0 ? NoAgent : text;
    }

    /// <summary>A name for people; nothing but space is none.</summary>
    public static string? NameOf(string? name) => string.IsNullOrWhiteSpace(name) ? null : name.Trim();

    /// <summary>Each word once, in the order given.</summary>
    public static List<string> Words(IReadOnlyList<string>? words) => [.. (words ?? []).Distinct(StringComparer.Ordinal)];

    private static string? Wrong(IReadOnlyList<string>? words) => words switch
    {
        null => null,
        { Count: > MostWords } => $"at most {MostWords}",
        _ => words.All(static word => word is not null && Word().IsMatch(word)) ? null : "each is 1 to 64 of a-z 0-9 : _ -",
    };

    [GeneratedRegex(@"\A[a-z0-9:_-]{1,64}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AgentName();
}
