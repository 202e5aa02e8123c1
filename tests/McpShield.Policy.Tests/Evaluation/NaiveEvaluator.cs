using System.Globalization;
using System.Text.RegularExpressions;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>
/// The decision as section 2 of the policy language tells it, over sketches: tool patterns, posix prefixes, simple hosts. Slow and obvious;
/// it shares no code with the library but the names of the outcomes.
/// </summary>
/// <remarks>Truth is a number: 0 false, 1 error, 2 true. So <c>all</c> is the least, <c>any</c> the greatest, and <c>not x</c> is 2 − x.</remarks>
internal static class NaiveEvaluator
{
    private const int False = 0, Error = 1, True = 2;

    public static (Outcome Outcome, string? Rule) Decide(PolicySketch policy, CallSketch call)
    {
        foreach (var rule in policy.Rules)
        {
            if (rule.IsShadow || !rule.Tools.Any(pattern => Matches(pattern, call.Tool))) continue;
            var truth = Truth(rule, call);
            if (truth == True || (truth == Error && rule.Outcome is Outcome.Deny)) return (rule.Outcome, rule.Id);
        }

        return (policy.AllowsByDefault ? Outcome.Allow : Outcome.Deny, null);
    }

    private static bool Matches(string pattern, string tool) =>
        Regex.IsMatch(tool, @"\A" + Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal) + @"\z", RegexOptions.None, TimeSpan.FromSeconds(10));

    private static int Truth(RuleSketch rule, CallSketch call)
    {
        var denies = rule.Outcome is Outcome.Deny;
        var truth = True;
        if (rule.Prefixes is not null) truth = Math.Min(truth, Together(call.Paths.Select(path => Inside(path, rule.Prefixes)), any: denies));
        if (rule.Outside is not null) truth = Math.Min(truth, 2 - Together(call.Paths.Select(path => Inside(path, rule.Outside)), any: !denies));
        if (rule.Domains is not null) truth = Math.Min(truth, Together(call.Urls.Select(url => Listed(url, rule.Domains, denies)), any: denies));
        return truth;
    }

    private static int Together(IEnumerable<int> values, bool any)
    {
        var all = values.ToList();
        return all.Count == 0 ? False : any ? all.Max() : all.Min();
    }

    private static int Inside(string path, string[] prefixes)
    {
        if (Segments(path) is not { } segments) return Error;
        return prefixes.Any(prefix => Segments(prefix) is { } wanted && segments.Take(wanted.Count).SequenceEqual(wanted, StringComparer.Ordinal)) ? True : False;
    }

    // Knows the odd paths that are generated, not every odd path.
    private static List<string>? Segments(string path)
    {
        if (!Regex.IsMatch(path, @"\A(?:/|///+)(?:[^/\\%$\u200b][^\\%$\u200b]*)?\z", RegexOptions.None, TimeSpan.FromSeconds(10))) return null;
        var segments = new List<string>();
        foreach (var segment in path.Split('/'))
        {
            if (segment is "" or ".") continue;
            if (segment != "..") segments.Add(segment);
            else if (segments.Count == 0) return null;
            else segments.RemoveAt(segments.Count - 1);
        }

        return segments;
    }

    private static int Listed(string url, string[] domains, bool denies)
    {
        var parts = Regex.Match(url.ToLowerInvariant(), @"\A(?<scheme>https|http|ftp)://(?<host>[a-z.]+?)\.?(?::(?<port>[1-9][0-9]*))?(?:[/?][^\\]*)?\z", RegexOptions.None, TimeSpan.FromSeconds(10));
        if (!parts.Success) return Error;
        var (scheme, host) = (parts.Groups["scheme"].Value, parts.Groups["host"].Value);
        var usual = scheme switch { "https" => 443, "http" => 80, _ => 21 };
        var port = parts.Groups["port"].Success ? int.Parse(parts.Groups["port"].Value, CultureInfo.InvariantCulture) : usual;
        if (!denies && scheme == "ftp") return False;

        foreach (var domain in domains)
        {
            var (name, own) = domain.Split(':') is [var before, var after] ? (before, int.Parse(after, CultureInfo.InvariantCulture)) : (domain, 0);
            var isHost = name.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(name[1..], StringComparison.Ordinal) : host == name;
            var isPort = own != 0 ? port == own : denies || port == usual;
            if (isHost && isPort) return True;
        }

        return False;
    }
}
