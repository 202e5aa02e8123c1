using McpShield.Policy.Analysis;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Analysis;

/// <summary>What lint says, and what assertions prove.</summary>
public sealed class LintTests
{
    /// <summary>Rules, the code that is said of them, and the line.</summary>
    public static TheoryData<string, string, int> Slips => new()
    {
        { "{id: a, tool: '*', decision: allow}", "allow-everything", 3 },
        { "{id: a, tool: x.y, decision: allow, conditions: {path_prefix: /}}", "root-prefix", 3 },
        { "{id: a, tool: x.y, decision: allow, conditions: {any: [{path_prefix: [/a, /b/..]}]}}", "root-prefix", 3 },
        { "{id: a, tool: x.y, decision: allow, conditions: {allowed_schemes: [https, http]}}", "http-allowed", 3 },
        { "{id: a, tool: x.y, decision: allow, conditions: {allowed_domains: '*.co.uk'}}", "public-suffix", 3 },
        { "{id: a, tool: x.y, decision: approve}", "approval-without-approvers", 3 },
        { "{id: a, tool: x.y, decision: allow}\n  - {id: b, tool: x.y, decision: deny}", "deny-after-allow", 4 },
        { "{id: a, tool: x.*, decision: allow}\n  - {id: b, tool: x.y, decision: allow, conditions: {path_prefix: /a}}", "unreachable-rule", 4 },
        { "{id: a, tool: [x.y, x.z], decision: deny}\n  - {id: b, tool: 'x.?', decision: allow}\n  - {id: c, tool: x.y, decision: allow}", "unreachable-rule", 5 },
        { "{id: a, tool: x.y, decision: allow, conditions: {path_prefix: /a, not: {path_prefix: [/a, /b]}}}", "contradictory-conditions", 3 },
        { "{id: a, tool: x.y, decision: allow, conditions: {environment: dev, all: [{environment: prod}]}}", "contradictory-conditions", 3 },
        { "{id: a, tool: x.yy, decision: allow, conditions: {path_prefix: /a}}", "unknown-tool", 3 },
        { "{id: a, tool: x.y, decision: allow, reason: use ghp_aaaaaaaaaa, conditions: {path_prefix: /a}}", "secret-in-text", 3 },
    };

    [Theory]
    [MemberData(nameof(Slips))]
    public void A_slip_is_named_with_its_place(string rules, string code, int line)
    {
        var found = PolicyLint.Run($"version: 1\nrules:\n  - {rules}\n", ["x.y", "x.z"]);

        Assert.Contains(found, one => one.Code == code && one.Line == line && one.Hint is not null);
    }

    [Fact]
    public void A_policy_that_means_what_it_says_gets_no_word() => Assert.Empty(PolicyLint.Run(
        """
        version: 1
        rules:
          - {id: no-secrets, tool: "fs.*", decision: deny, conditions: {path_prefix: /data/secrets}}
          - {id: read, tool: fs.read, decision: allow, conditions: {path_prefix: /data}}
          - {id: pay, tool: pay.send, decision: approve, approval: {approvers: "role:cfo"}, conditions: {parameters: {amount: {max: 5}}}}
          - {id: web, tool: web.get, decision: allow, conditions: {allowed_domains: ["*.example.com"], allowed_schemes: https}}
        """));

    /// <summary>An assertion, and what is said of it; empty: it holds.</summary>
    public static TheoryData<string, string> Assertions => new()
    {
        { "{tool: '*.drop_*', decision: allow}", "" },
        { "{tool: 'fs.*', decision: [allow, approve]}", "assertion" },
        { "{tool: fs.read, decision: allow, when: {environment: prod}}", "" },
        { "{tool: fs.read, decision: allow, when: {environment: dev}}", "assertion" },
        { "{tool: fs.read, decision: allow, when: {path_prefix: /etc}}", "" },
        { "{tool: odd.one, decision: allow}", "assertion-unproved" },
        { "{tool: nobody.knows, decision: allow}", "" },
        { "{tool: nobody.knows, decision: deny}", "assertion" },
    };

    [Theory]
    [MemberData(nameof(Assertions))]
    public void An_assertion_holds_or_refuses_the_policy(string never, string code)
    {
        var loaded = PolicyLoader.Load($$$$"""
            version: 1
            assertions:
              - never: {{{{never}}}}
            rules:
              - {tool: "*.drop_*", decision: deny}
              - {tool: fs.read, decision: allow, conditions: {path_prefix: /data, environment: [dev, staging]}}
              - {tool: odd.one, decision: allow, conditions: {path_glob: "/a/**/b", not: {path_glob: "/a/**/b"}}}
              - {tool: db.*, decision: allow}
            """);

        Assert.Equal(code, string.Join(' ', loaded.Diagnostics.Select(static one => one.Code)));
        Assert.Equal(code.Length == 0, loaded.Policy is not null);
        Assert.All(loaded.Diagnostics, static one => Assert.Equal(3, one.Line));
    }
}
