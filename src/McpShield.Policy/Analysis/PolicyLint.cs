using System.Collections.Immutable;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis;

/// <summary>What is allowed in a policy and probably not meant (policy language, section 8). Each finding has a stable code.</summary>
public static class PolicyLint
{
    // Suffixes under which anyone can have a name. The whole list is thousands long; these are the ones that stand in policies.
    private static readonly HashSet<string> PublicSuffixes = new(StringComparer.Ordinal)
    {
        "com", "org", "net", "edu", "gov", "io", "ai", "dev", "app", "co", "de", "fr", "uk", "eu", "nl", "es", "it", "ch", "at", "be", "se", "no", "pl", "us", "ca", "au", "jp", "cn", "in", "br", "ru", "info", "biz", "xyz", "cloud", "online", "site",
        "co.uk", "org.uk", "ac.uk", "gov.uk", "com.au", "net.au", "co.jp", "ne.jp", "com.br", "com.cn", "co.in", "co.nz", "co.za", "com.mx", "com.tr", "com.sg",
        "github.io", "gitlab.io", "githubusercontent.com", "netlify.app", "vercel.app", "pages.dev", "workers.dev", "web.app", "firebaseapp.com", "herokuapp.com", "azurewebsites.net", "blob.core.windows.net", "cloudfront.net", "s3.amazonaws.com", "amazonaws.com", "onrender.com", "fly.dev", "ngrok.io", "ngrok-free.app", "trycloudflare.com", "blogspot.com", "appspot.com", "run.app", "repl.co",
    };

    private static readonly string[] SecretMarks = ["mcps_", "AKIA", "ASIA", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk-ant-", "sk-proj-", "sk_live_", "npm_", "hf_", "-----BEGIN", "Password=", "password=", "Pwd="];

    /// <summary>Looks at a policy text. One that does not load gives its errors.</summary>
    /// <param name="yaml">The policy.</param>
    /// <param name="tools">The qualified tools there are; <c>null</c> when they are not known.</param>
    /// <param name="ct">Ends it early.</param>
    public static ImmutableArray<Diagnostic> Run(string yaml, IReadOnlyCollection<string>? tools = null, CancellationToken ct = default)
    {
        var loaded = PolicyLoader.Load(yaml, ct);
        if (loaded.Policy is not { } policy) return loaded.Diagnostics;
        var diagnostics = new Diagnostics();
        foreach (var rule in policy.Rules) LookAt(rule, policy, tools, diagnostics);
        LookAtOrder(policy, diagnostics, ct);
        LookForSecrets(yaml, diagnostics);
        return [.. loaded.Diagnostics.Concat(diagnostics.ToArray()).OrderBy(static one => one.Line).ThenBy(static one => one.Column)];
    }

    private static void LookAt(Rule rule, CompiledPolicy policy, IReadOnlyCollection<string>? tools, Diagnostics diagnostics)
    {
        var node = rule.Node!;
        foreach (var (pattern, at) in NodeReader.Texts(node.Find("tool")) ?? [])
        {
            if (tools is not null && !tools.Any(tool => ToolPattern.Matches(pattern, tool))) diagnostics.Warning("unknown-tool", $"`{pattern}` matches no known tool", at, Words.DidYouMean(pattern, tools));
            if (rule.Outcome is Outcome.Allow && rule.IsUnconditional && pattern.Trim('*').Length == 0) diagnostics.Warning("allow-everything", $"rule `{rule.Id}` allows every call of every tool", at, "name the tools, or the conditions");
        }

        if (rule.Outcome is Outcome.Approve && (node.Find("approval") as YamlMap)?.Find("approvers") is null)
        {
            diagnostics.Warning("approval-without-approvers", $"rule `{rule.Id}` names no approvers: whoever manages the key may agree", node.Find("decision")!, "add `approval: {approvers: [\"role:…\"]}`");
        }

        if (rule.Outcome is not Outcome.Deny && node.Find("conditions") is YamlMap block) LookAtBlock(block, rule, policy, diagnostics);
    }

    private static void LookAtBlock(YamlMap block, Rule rule, CompiledPolicy policy, Diagnostics diagnostics)
    {
        foreach (var (key, value) in block.Entries)
        {
            var values = NodeReader.Texts(value is YamlMap map ? map.Find("any_of") : value) ?? [];
            switch (key.Text)
            {
                case "all" or "any":
                    foreach (var nested in NodeReader.Items(value).OfType<YamlMap>()) LookAtBlock(nested, rule, policy, diagnostics);
                    break;
                case "path_prefix":
                    foreach (var (text, at) in values.Where(one => IsRoot(one.Text, policy.Settings))) diagnostics.Warning("root-prefix", $"`{text}` is every path there is", at, "name the folders that are meant");
                    break;
                case "allowed_schemes":
                    foreach (var (_, at) in values.Where(static one => one.Text is "http" or "ws" or "ftp")) diagnostics.Warning("http-allowed", "what is sent without encryption can be read and changed on its way", at, "allow https only");
                    break;
                case "allowed_domains" or "domains":
                    foreach (var (text, at) in values.Where(static one => IsPublic(one.Text))) diagnostics.Warning("public-suffix", $"anyone can have a name under `{text}`", at, "name the domains that are yours or that you trust");
                    break;
            }
        }
    }

    private static void LookAtOrder(CompiledPolicy policy, Diagnostics diagnostics, CancellationToken ct)
    {
        foreach (var (rule, canHold) in Reachability.Unreachable(policy, ct))
        {
            if (!canHold)
            {
                diagnostics.Warning("contradictory-conditions", $"no call fulfils the conditions of rule `{rule.Id}`", rule.Node!.Find("conditions") ?? rule.Node!, "remove the rule, or loosen a condition");
                continue;
            }

            var earlier = policy.Rules.TakeWhile(other => !ReferenceEquals(other, rule)).Any(static other => other.Outcome is Outcome.Allow);
            if (rule.Outcome is Outcome.Deny && earlier) diagnostics.Warning("deny-after-allow", $"rule `{rule.Id}` denies nothing: rules before it decide all of its calls", rule.Node!, "put it before the rules that allow");
            else diagnostics.Warning("unreachable-rule", $"rule `{rule.Id}` decides nothing: rules before it decide all of its calls", rule.Node!, "remove it, or put it first");
        }
    }

    // THREAT: policies are read by many and kept for ever; a secret in one is lost.
    private static void LookForSecrets(string yaml, Diagnostics diagnostics)
    {
        foreach (var mark in SecretMarks)
        {
            var at = yaml.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0 || (at > 0 && char.IsAsciiLetterOrDigit(yaml[at - 1])) || at + mark.Length >= yaml.Length || !char.IsAsciiLetterOrDigit(yaml[at + mark.Length])) continue;
            var before = yaml.AsSpan(0, at);
            diagnostics.Warning("secret-in-text", "this looks like a secret", new YamlScalar("", IsPlain: true, before.Count('\n') + 1, at - before.LastIndexOf('\n')), "remove it, and replace it where it is used");
        }
    }

    private static bool IsRoot(string prefix, PolicySettings settings) =>
        CanonicalPath.Of(prefix, settings.PathStyle, settings.WorkingDirectory, out _) is { } path && (path == "/" || (settings.PathStyle is PathStyle.Windows && path.Length == 3));

    private static bool IsPublic(string domain) => domain.StartsWith("*.", StringComparison.Ordinal) && DomainPattern.Parse(domain, out _, out _) is { } pattern && PublicSuffixes.Contains(pattern.Host);
}
