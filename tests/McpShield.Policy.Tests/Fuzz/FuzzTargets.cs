using System.Net;
using System.Text;
using System.Text.Json;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Parameters;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Formatting;
using McpShield.Policy.Limits;
using McpShield.Policy.Redaction;
using McpShield.Policy.Schemas;
using McpShield.Policy.Tests.Evaluation;

namespace McpShield.Policy.Tests.Fuzz;

/// <summary>What must hold of any text that a part of the library reads. Each throws when it does not.</summary>
internal static class FuzzTargets
{
    private static readonly Redactor Redactor = new([Filter.OfGroup("secrets"), Filter.OfGroup("pii")], []);
    private static readonly JsonDocumentOptions Strictly = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    private static readonly CompiledPolicy[] Policies = [.. FuzzSeeds.Texts.Policies.Select(static text => PolicyLoader.Load(text).Policy).OfType<CompiledPolicy>()];

    /// <summary>Every target, with the texts that it starts from.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<string> Seeds, Action<string> Check)> All { get; } =
    [
        ("policy", FuzzSeeds.Texts.Policies, Policy),
        ("format", FuzzSeeds.Texts.Policies, Format),
        ("json", FuzzSeeds.Texts.Arguments, Json),
        ("call", FuzzSeeds.Texts.Calls, Call),
        ("arguments", FuzzSeeds.Texts.Arguments, Arguments),
        ("path", FuzzSeeds.Texts.Strings, PathOf),
        ("url", FuzzSeeds.Texts.Strings, UrlOf),
        ("pattern", FuzzSeeds.Texts.Strings, Pattern),
        ("redaction", FuzzSeeds.Texts.Secrets, Redaction),
        ("schema", FuzzSeeds.Texts.Arguments, Schema),
        ("literal", FuzzSeeds.Texts.Strings, Literals),
    ];

    private static void Policy(string text)
    {
        var loaded = PolicyLoader.Load(text);
        Require(loaded.Policy is null == loaded.Diagnostics.Any(static one => one.Severity is Severity.Error), "a policy is there exactly when nothing is wrong");
        Require(loaded.Diagnostics.All(static one => one is { Line: > 0, Column: > 0 }), "everything said has a position");
        if (loaded.Policy is not { } policy) return;

        foreach (var call in Calls) Ask(policy, call, "{\"path\":\"/data/docs/a.md\",\"url\":\"https://api.example.com/x\",\"n\":7}");
        if (PolicyFormatter.Format(text).Text is not { } formatted) return;
        var again = PolicyLoader.Load(formatted);
        Require(again.Policy is not null, "a policy that was laid out anew loads");
        Require(policy.Rules.Select(static rule => $"{rule.Id} {rule.Fingerprint} {rule.Duties}").SequenceEqual(again.Policy!.Rules.Select(static rule => $"{rule.Id} {rule.Fingerprint} {rule.Duties}"), StringComparer.Ordinal), "and has the same rules");
    }

    private static readonly string[] Calls = ["fs.read", "in.x", "out.x", "web.get", "a.b"];

    private static void Format(string text)
    {
        if (PolicyFormatter.Format(text).Text is not { } formatted) return;
        Require(PolicyFormatter.Format(formatted).Text == formatted, "a layout is its own layout");
        Require(YamlReader.Read(text, new()) is { } before && YamlReader.Read(formatted, new()) is { } after && SameMeaning.Of(before, after), "a layout says the same");
    }

    private static void Json(string text)
    {
        // As it stands, and with one byte of it changed: what is no UTF-8 is refused.
        var utf8 = Encoding.UTF8.GetBytes(text);
        ReadJson(utf8);
        if (utf8.Length == 0) return;
        utf8[utf8.Length / 2] ^= (byte)(1 << (utf8.Length % 8));
        ReadJson(utf8);
    }

    private static void ReadJson(byte[] utf8)
    {
        if (!JsonTree.TryRead(utf8, JsonLimits.Arguments, out var tree, out _)) return;
        using (tree)
        {
            using (JsonDocument.Parse(utf8, Strictly))
            {
                // What the strict reader takes, the platform's takes too.
            }

            var canonical = CanonicalJson.ToBytes(tree!.Root);
            Require(CanonicalJson.Measure(tree.Root) == canonical.Length, "a canonical form is as long as it was measured");
            Require(JsonTree.TryRead(canonical, JsonLimits.Arguments with { MaxBytes = int.MaxValue }, out var again, out _), "a canonical form can be read");
            using (again) Require(CanonicalJson.ToBytes(again!.Root).AsSpan().SequenceEqual(canonical), "a canonical form is its own");
        }
    }

    private static void Call(string line)
    {
        try
        {
            var call = CallText.Read(line);
            foreach (var policy in Policies.Take(3)) Require(call.Explain(policy).Reason is not Reason.EvaluationError, "a call can be evaluated");
        }
        catch (CallFormatException)
        {
            // The only way in which a line is refused.
        }
    }

    private static void Arguments(string text)
    {
        foreach (var policy in Policies) Ask(policy, policy.Rules.Count % 2 == 0 ? "in.x" : "out.x", text);
    }

    private static void Ask(CompiledPolicy policy, string tool, string arguments)
    {
        if (!JsonTree.TryRead(Encoding.UTF8.GetBytes(arguments), JsonLimits.Arguments, out var tree, out _)) return;
        using (tree)
        {
            var call = new ToolCall(tool, tree!.Root, CallContext.Empty);
            var (decided, explained, judged) = (Authorizer.Decide(policy, call), Authorizer.Explain(policy, call), Authorizer.Judge(policy, call));
            Require(explained.Reason is not Reason.EvaluationError, "a call can be evaluated");
            Require((decided.Outcome, decided.Rule, decided.Reason, decided.Message) == (explained.Outcome, explained.Rule, explained.Reason, explained.Message), "explaining a decision does not change it");
            Require(decided.Details.SequenceEqual(explained.Details), "explaining a decision does not change its details");
            Require(judged == new Verdict(explained.Outcome, explained.Rule, explained.Reason), "the brief answer is the same");
        }
    }

    private static void PathOf(string text)
    {
        foreach (var (style, directory) in new[] { (PathStyle.Posix, null), (PathStyle.Posix, "/w"), (PathStyle.Windows, null), (PathStyle.Windows, @"C:\w") })
        {
            var path = CanonicalPath.Of(text, style, directory, out var problem);
            if (path is null) Require(problem.Length > 0, "a refused path has a reason");
            else
            {
                Require(CanonicalPath.Of(path, style, directory, out _) == path, "a canonical path is its own");
                Require(CanonicalPath.IsInside(path, path, style), "a path lies inside itself");
                Require(!path.Split('/', '\\').Any(static segment => segment is "." or ".."), "a canonical path has no dot segments");
            }

            if (style is PathStyle.Posix && PlainPath.Is(text)) Require(path == text, "a plain path is canonical");
        }
    }

    private static void UrlOf(string text)
    {
        var url = CanonicalUrl.Of(text, out _);
        if (url is not null)
        {
            var host = url.Address is { } address ? Written(address) : url.Host;
            var written = $"{url.Scheme}://{host}{(url.Port is { } port ? $":{port}" : "")}/";
            Require(CanonicalUrl.Of(written, out _) == url, "a canonical URL is its own");
        }

        if (PlainUrl.TryRead(text.AsMemory(), out var scheme, out var plain, out var number))
        {
            Require(url is { Address: null } && scheme.Span.SequenceEqual(url.Scheme) && plain.Span.SequenceEqual(url.Host) && number == url.Port, "a plain URL is canonical");
        }

        if (HostName.TryCanonicalize(text, out var name, out _, out _) && name is not null) Require(HostName.TryCanonicalize(name, out var again, out _, out _) && again == name, "a canonical host is its own");
        if (IpAddress.TryParse(text, out var parsed)) Require(IPAddress.TryParse(text, out var theirs) && IPAddress.Parse(Written(parsed).Trim('[', ']')).Equals(theirs), "an address is what the platform takes it for");
        if (DomainPattern.Parse(text, out _, out _) is { } domain) Require(DomainPattern.Parse($"{(domain.SubdomainsOnly ? "*." : "")}{domain.Host}{(domain.Port is { } its ? $":{its}" : "")}", out _, out _) == domain, "a domain pattern can be written and read");
        if (IpRange.Parse(text, out _) is { } range) Require(IpRange.AnyContains([range], range.Network), "a range contains its network");
    }

    private static string Written(IpAddress address)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, address.Bits);
        return address.IsV4 ? new IPAddress(bytes[12..]).ToString() : $"[{new IPAddress(bytes)}]";
    }

    private static void Pattern(string text)
    {
        var half = text.Length / 2;
        var (pattern, name) = (text[..half], text[half..]);
        _ = ToolPattern.Matches(pattern, name);
        Require(ToolPattern.Matches(text, text) || text.Contains('*', StringComparison.Ordinal) || text.Contains('?', StringComparison.Ordinal), "a plain pattern matches itself");
        if (pattern.Count(static one => one == '*') < 4 && text.Length < 200) Require(ToolPattern.Matches(pattern, name) == NaiveConditions.Matches(pattern, name), "a pattern matches what it says");
        foreach (var style in new[] { PathStyle.Posix, PathStyle.Windows })
        {
            _ = new PathGlob(pattern, style).Matches(name);
            Require(new PathGlob("**", style).Matches(name), "two stars match everything");
        }
    }

    private static void Redaction(string text)
    {
        var once = Redactor.Redact(text);
        Require(once.Cause is not BlockCause.Failure, "a text can be looked at");
        var end = 0;
        foreach (var finding in once.Findings.Where(static finding => finding.Pointer is null))
        {
            Require(finding.Start >= end && finding.Length > 0 && finding.Start + finding.Length <= text.Length, "findings lie in the text, in order and apart");
            end = finding.Start + finding.Length;
        }

        if (!once.IsBlocked) Require(Redactor.Redact(once.Text) is { IsBlocked: false, Findings.Length: 0 } again && again.Text == once.Text, "what was masked holds nothing to mask");
        if (!JsonTree.TryRead(Encoding.UTF8.GetBytes(text), JsonLimits.Arguments, out var tree, out _)) return;
        using (tree)
        {
            var masked = Redactor.Redact(tree!.Root);
            Require(masked.Cause is not BlockCause.Failure, "a document can be looked at");
            if (!masked.IsChanged) return;
            Require(JsonTree.TryRead(masked.Rewritten, JsonLimits.Arguments with { MaxBytes = int.MaxValue }, out var rewritten, out _), "a document stays one");
            using (rewritten) Require(Redactor.Redact(rewritten!.Root) is { IsChanged: false, IsBlocked: false }, "a masked document holds nothing to mask");
        }
    }

    private static void Schema(string text)
    {
        if (!JsonTree.TryRead(Encoding.UTF8.GetBytes(text), JsonLimits.Arguments, out var tree, out _)) return;
        using (tree)
        {
            var schema = InputSchema.Read(tree!.Root);
            Require(schema.Fits(tree.Root) == schema.Fits(tree.Root), "a schema answers alike");
            _ = schema.Fits(default);
        }
    }

    private static void Literals(string text)
    {
        if (ParameterName.Parse(text) is { } name) Require(name.Depth > 0 || text.Length == 0, "a name leads somewhere");
        if (RateLimit.Parse(text) is { } rate) Require(rate.Units > 0 && rate.Period > TimeSpan.Zero, "a rate limit lets something through");
        _ = ArgumentSelector.KindOfName(text);
        _ = ArgumentSelector.KindOfText(text);
        var number = text.Trim();
        if (!JsonTree.TryRead(Encoding.UTF8.GetBytes(number), JsonLimits.Arguments, out var tree, out _)) return;
        using (tree)
        {
            if (tree!.Root.Kind is not JsonKind.Number) return;
            var exact = ExactNumber.Parse(tree.Root.Raw);
            Require(ExactNumber.Compare(exact, ExactNumber.Parse(number)) == 0, "a number equals itself");
        }
    }

    private static void Require(bool holds, string law)
    {
        if (!holds) throw new FuzzFinding(law);
    }
}

/// <summary>A law that does not hold of an input.</summary>
internal sealed class FuzzFinding(string law) : Exception(law);
