using System.Globalization;
using System.Text;
using System.Text.Json;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Conformance;

/// <summary>One case of a conformance file: a policy, a call, and what must come out.</summary>
public sealed record Case(string Id, string Policy, JsonElement Call, string Decision, string Rule, string Why)
{
    public static IEnumerable<Case> In(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", file)));
        var root = document.RootElement.Clone();
        foreach (var entry in root.GetProperty("cases").EnumerateArray())
        {
            var policy = root.GetProperty("policies").GetProperty(entry.GetProperty("policy").GetString()!).GetString()!;
            yield return new(Text(entry, "id"), policy, entry.GetProperty("call"), Text(entry, "expect"), Text(entry, "rule"), Text(entry, "why"));
        }
    }

    public CompiledPolicy Load()
    {
        var loaded = PolicyLoader.Load(Policy);
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics));
        return loaded.Policy;
    }

    public Decision Decide(CompiledPolicy policy)
    {
        var text = Call.TryGetProperty("arguments_json", out var raw) ? raw.GetString()! : Call.TryGetProperty("arguments", out var arguments) ? arguments.GetRawText() : "{}";
        if (!JsonTree.TryRead(Encoding.UTF8.GetBytes(text), JsonLimits.Arguments, out var tree, out var fault))
        {
            return new() { Outcome = Outcome.Deny, Reason = Reason.InvalidRequest, Message = fault.Message };
        }

        using (tree)
        {
            var call = new ToolCall(Text(Call, "tool"), tree!.Root, Context());
            var (decided, explained) = (Authorizer.Decide(policy, call), Authorizer.Explain(policy, call));
            Assert.Equal((explained.Outcome, explained.Rule, explained.Reason, explained.Message), (decided.Outcome, decided.Rule, decided.Reason, decided.Message));
            Assert.Equal(explained.Details.AsEnumerable(), decided.Details);
            Assert.Equal(explained.Shadows.AsEnumerable(), decided.Shadows);
            Assert.Equal(explained.Obligations.AsEnumerable(), decided.Obligations);
            Assert.Equal(new Verdict(explained.Outcome, explained.Rule, explained.Reason), Authorizer.Judge(policy, call));
            return explained;
        }
    }

    /// <summary>What an answer tells whoever asks why, on one line.</summary>
    public string Told(Decision decision)
    {
        static string Detail(DecisionDetail detail) => $" <{WireNames.Of(detail.Code)} {detail.Pointer} {detail.Position} {detail.Rule}: {detail.Message}>";
        var text = new StringBuilder($"{Id}: {decision.Message}");
        foreach (var detail in decision.Details) text.Append(Detail(detail));
        foreach (var rule in decision.Trace.Rules)
        {
            text.Append(CultureInfo.InvariantCulture, $" | {rule.Rule} {WireNames.Of(rule.Outcome)}{(rule.Matched ? " matched" : "")}");
            foreach (var condition in rule.Conditions)
            {
                text.Append(CultureInfo.InvariantCulture, $"; {condition.Condition} {WireNames.Of(condition.Value)}");

                // Of what a decision says anyway its own details are enough.
                foreach (var detail in condition.Details.Except(decision.Details)) text.Append(Detail(detail));
                foreach (var note in condition.Notes) text.Append(CultureInfo.InvariantCulture, $" ({note})");
            }
        }

        foreach (var shadow in decision.Shadows) text.Append(CultureInfo.InvariantCulture, $" | shadow {shadow.Rule} {WireNames.Of(shadow.Outcome)}");
        return JsonEncodedText.Encode(text.ToString(), System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
    }

    public override string ToString() => $"{Id}: {Why}";

    private CallContext Context()
    {
        var context = new CallContext
        {
            ClientIp = Call.TryGetProperty("client_ip", out var ip) ? ip.GetString() : null,
            Environment = Call.TryGetProperty("environment", out var environment) ? environment.GetString() : null,
            Time = Call.TryGetProperty("time", out var time) ? DateTimeOffset.Parse(time.GetString()!, CultureInfo.InvariantCulture) : default,
        };
        if (Call.TryGetProperty("principal", out var who))
        {
            context = context with { Principal = new() { Agent = Text(who, "agent"), User = Text(who, "user"), Key = Text(who, "key"), Organization = Text(who, "organization"), Roles = Texts(who, "roles"), Scopes = Texts(who, "scopes") } };
        }

        if (Call.TryGetProperty("session", out var session))
        {
            var calls = session.TryGetProperty("calls", out var counts) ? counts.EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetInt32(), StringComparer.Ordinal) : [];
            context = context with { Session = new() { Labels = Texts(session, "labels").ToHashSet(StringComparer.Ordinal), Calls = calls } };
        }

        return context;
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static string[] Texts(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];
}
