using System.Text;
using CsCheck;
using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Policy.Tests.Evaluation;

namespace McpShield.Policy.Tests.Analysis;

/// <summary>What a change of a policy comes to, and the call that shows it.</summary>
public sealed class DiffTests
{
    private const string Base = """
        version: 1
        rules:
          - {id: no-drop, tool: "*.drop_*", decision: deny}
          - {id: no-secrets, tool: "fs.*", decision: deny, conditions: {path_prefix: /data/secrets}}
          - {id: read, tool: [fs.read_file, fs.list], decision: allow, conditions: {path_prefix: [/data, /srv/docs]}}
          - {id: fetch, tool: web.get, decision: allow, conditions: {allowed_domains: [api.example.com, "*.docs.example.com"], allowed_schemes: [https]}}
          - {id: pay, tool: pay.transfer, decision: allow, conditions: {parameters: {amount: {type: number, max: 100}, currency: {enum: [EUR, USD]}}, principal: {roles: [cashier]}}}
          - {id: ask, tool: pay.transfer, decision: approve, conditions: {parameters: {amount: {type: number, max: 5000}}}}
          - {id: mail, tool: mail.send, decision: allow, conditions: {session_labels: {none_of: [private_data]}, parameters: {to: {pattern: "[a-z]+@example\\.com"}}}}
          - {id: deploy, tool: ci.deploy, decision: allow, conditions: {environment: [dev, staging], time: {days: [mon, tue, wed, thu, fri], between: "09:00-17:00"}}}

        """;

    /// <summary>What is replaced, by what, what the change comes to, and for what more is let through a piece of the call that shows it.</summary>
    public static TheoryData<string, string, PolicyChange, string> Edits => new()
    {
        { "path_prefix: [/data, /srv/docs]", "path_prefix: [/data, /srv]", PolicyChange.MorePermissive, "/srv" },
        { "\"*.drop_*\"", "\"db.drop_*\"", PolicyChange.Equivalent, "" }, // nothing allows what is no longer denied
        { "api.example.com, \"*.docs", "\"*.example.com\", \"*.docs", PolicyChange.MorePermissive, "example.com" },
        { "allowed_schemes: [https]", "allowed_schemes: [https, http]", PolicyChange.MorePermissive, "http://" },
        { "amount: {type: number, max: 100}", "amount: {type: number, max: 100.01}", PolicyChange.MorePermissive, "100.0" },
        { "none_of: [private_data]", "none_of: [secret_data]", PolicyChange.Incomparable, "" },
        { "environment: [dev, staging]", "environment: [dev, staging, prod]", PolicyChange.MorePermissive, "" },
        { "\"09:00-17:00\"", "\"09:00-17:01\"", PolicyChange.MorePermissive, "" },
        { "  - {id: no-secrets, tool: \"fs.*\", decision: deny, conditions: {path_prefix: /data/secrets}}\n", "", PolicyChange.MorePermissive, "/data/secrets" },
        { "max: 5000", "max: 4000", PolicyChange.Stricter, "" },
        { "enum: [EUR, USD]", "enum: [EUR]", PolicyChange.Stricter, "" },
        { "roles: [cashier]", "roles: [cashier], agents: [till-*]", PolicyChange.Stricter, "" },
        { "[fs.read_file, fs.list]", "[fs.list, fs.read_file, fs.read_file]", PolicyChange.Equivalent, "" },
        { "path_prefix: [/data, /srv/docs]", "any: [{path_prefix: /data}, {path_prefix: [/srv/docs]}]", PolicyChange.Stricter, "" }, // one of each is no longer let through
        { "path_prefix: /data/secrets", "all: [{path_prefix: /data/secrets}]", PolicyChange.Equivalent, "" },
        { "default: deny\n", "", PolicyChange.Equivalent, "" },
        { "decision: approve", "decision: allow", PolicyChange.MorePermissive, "amount" },
        { "example\\\\.com\"", "example\\\\.org\"", PolicyChange.Incomparable, "example" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void An_edit_is_what_its_calls_show(string old, string now, PolicyChange expected, string shownBy)
    {
        var (before, after) = (Load(Base), Load(Base.Replace(old, now, StringComparison.Ordinal)));

        var diff = PolicyDiff.Compare(before, after);

        Assert.True(expected == diff.Change, $"{diff.Change} ({string.Join("; ", diff.Unproved)}): {string.Join('\n', diff.Witnesses)}");
        if (expected is PolicyChange.MorePermissive or PolicyChange.Incomparable) Assert.Contains(diff.Witnesses, one => one.IsMorePermissive && Encoding.UTF8.GetString(one.Call.Arguments).Contains(shownBy, StringComparison.Ordinal));
        Assert.All(diff.Witnesses, static one => Assert.NotEqual(one.Before.Outcome, one.After.Outcome));
        Assert.All(diff.Witnesses, one => Assert.Equal(one.After.Outcome, one.Call.Explain(after).Outcome));
        if (expected is PolicyChange.Equivalent or PolicyChange.Stricter && !now.StartsWith("any:", StringComparison.Ordinal)) Assert.True(diff.IsProved, string.Join("; ", diff.Unproved));
    }

    [Fact]
    public void What_a_rule_asks_for_beside_its_decision_is_named_apart()
    {
        var diff = PolicyDiff.Compare(Load(Base), Load(Base.Replace("{id: read,", "{id: read, rate_limit: {limit: 5/1m},", StringComparison.Ordinal)));

        Assert.Equal((PolicyChange.Equivalent, "read"), (diff.Change, Assert.Single(diff.OtherDuties)));
    }

    [Fact]
    public void What_examples_cannot_tell_is_not_called_proved()
    {
        var before = Load("version: 1\nrules:\n  - {tool: a.b, decision: allow, conditions: {path_glob: '/a/**/*.csv'}}\n");
        var after = Load("version: 1\nrules:\n  - {tool: a.b, decision: allow, conditions: {path_glob: '/a/**/?*.csv'}}\n");

        var diff = PolicyDiff.Compare(before, after);

        Assert.False(diff.IsProved);
        Assert.NotEmpty(diff.Unproved);
    }

    [Fact]
    public void A_policy_is_equivalent_to_itself() => Sketches.Policy.Sample(
        static sketch => PolicyDiff.Compare(sketch.Load(), sketch.Load()) is { Change: PolicyChange.Equivalent, IsProved: true }, iter: 40);

    [Fact]
    public void No_call_contradicts_what_was_proved() => Gen.Select(Sketches.Policy, Sketches.Rule, Gen.Int[0, 5], Sketches.Call.Array[200]).Sample(
        static (sketch, extra, at, calls) =>
        {
            var changed = sketch.With([.. sketch.Rules.Take(at), extra with { Id = "new" }, .. sketch.Rules.Skip(at + 1)]);
            var (before, after) = (sketch.Load(), changed.Load());
            var diff = PolicyDiff.Compare(before, after);
            if (!diff.IsProved) return true;
            return calls.All(call =>
            {
                var (was, now) = (Rank(call.Ask(before)), Rank(call.Ask(after)));
                return diff.Change switch
                {
                    PolicyChange.Equivalent => was == now,
                    PolicyChange.Stricter => now <= was,
                    PolicyChange.MorePermissive => now >= was,
                    _ => true,
                };
            });
        },
        iter: 40);

    [Fact]
    public void A_deny_on_top_lets_nothing_more_through() => Gen.Select(Sketches.Policy, Sketches.Rule).Sample(
        static (sketch, rule) => PolicyDiff.Compare(sketch.Load(), sketch.With([rule with { Id = "top", Outcome = Outcome.Deny }, .. sketch.Rules]).Load()).Change is PolicyChange.Equivalent or PolicyChange.Stricter, iter: 25);

    private static int Rank(Decision decision) => decision.Outcome switch { Outcome.Allow => 2, Outcome.Approve => 1, _ => 0 };

    private static CompiledPolicy Load(string yaml)
    {
        var loaded = PolicyLoader.Load(yaml);
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics));
        return loaded.Policy;
    }
}
