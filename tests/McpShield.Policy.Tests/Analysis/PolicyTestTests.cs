using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Analysis;

/// <summary>Tests of policies: how they are read, what they cover, and which changes they notice.</summary>
public sealed class PolicyTestTests
{
    private const string Rules = """
        version: 1
        rules:
          - id: read
            tool: fs.read
            decision: allow
            conditions:
              path_prefix: /data/docs
              any:
                - principal: {roles: [reader]}
                - environment: dev

        """;

    private const string Strong = """
        tests:
          - {name: inside, call: {tool: fs.read, arguments: {path: /data/docs/a}, context: {principal: {roles: [reader]}}}, expect: {decision: allow, rule: read}}
          - {name: dev, call: {tool: fs.read, arguments: {path: /data/docs/a}, context: {environment: dev}}, expect: {decision: allow, rule: read, reason: rule}}
          - {name: beside, call: {tool: fs.read, arguments: {path: /data/other}, context: {environment: dev}}, expect: {decision: deny, rule: default}}
          - {name: nobody, call: {tool: fs.read, arguments: {path: /data/docs/a}}, expect: {decision: deny, rule: null, reason: default}}
          - {name: another tool, call: {tool: fs.write, arguments: {path: /data/docs/a}, context: {environment: dev}}, expect: {decision: deny}}
          - {name: another server, call: {tool: db.read, arguments: {path: /data/docs/a}, context: {environment: dev}}, expect: {decision: deny}}
          - {name: bytes, call: {tool: fs.read, arguments_json: '{"path":"/data/docs/a","path":"/etc"}'}, expect: {reason: invalid_request}}

        """;

    [Fact]
    public void A_test_passes_when_everything_it_expects_comes_out()
    {
        var policy = Load(Rules + Strong);

        Assert.All(PolicyTestResult.Run(policy, policy.Tests), static result => Assert.True(result.HasPassed, result.ToString()));
        Assert.False(new Expectation(Outcome.Allow, null, IsRuleGiven: true, null).IsMetBy(policy.Tests[0].Call.Explain(policy)));
        Assert.False(new Expectation(Outcome.Deny, null, IsRuleGiven: false, null).IsMetBy(policy.Tests[0].Call.Explain(policy)));
        Assert.False(new Expectation(null, null, IsRuleGiven: false, Reason.Default).IsMetBy(policy.Tests[0].Call.Explain(policy)));
    }

    [Fact]
    public void Coverage_counts_each_rule_and_each_condition_inside_others()
    {
        var policy = Load(Rules + Strong);

        var rule = Assert.Single(PolicyCoverage.Of(policy, policy.Tests));

        Assert.Equal((2, true), (rule.Matched, rule.IsFull));
        Assert.Equal(
            ["path_prefix 3 1 0", "any 3 1 0", "any[0].principal 1 3 0", "any[1].environment 2 2 0"],
            rule.Conditions.Select(static one => $"{one.Label} {one.True} {one.False} {one.Error}"));
        Assert.False(Assert.Single(PolicyCoverage.Of(policy, policy.Tests.Take(1))).IsFull);
    }

    [Fact]
    public void Tests_that_hold_everything_notice_every_change()
    {
        var mutants = PolicyMutation.Run(Rules, Load(Rules + Strong).Tests);

        Assert.True(mutants.Length >= 10);
        Assert.All(mutants, static one => Assert.True(one.IsKilled, one.What));
    }

    [Fact]
    public void Weak_tests_are_told_what_they_miss()
    {
        var tests = Load(Rules + "tests: [{name: inside, call: {tool: fs.read, arguments: {path: /data/docs/a}, context: {environment: dev}}, expect: {decision: allow}}]\n").Tests;

        var survivors = PolicyMutation.Run(Rules, tests).Where(static one => !one.IsKilled).Select(static one => one.What).ToList();

        Assert.Contains("the default is allow", survivors);
        Assert.Contains("in rule `read` `path_prefix` is dropped", survivors);
        Assert.Contains("in rule `read` the prefix is `/data` instead of `/data/docs`", survivors);
        Assert.DoesNotContain("rule `read` is dropped", survivors);
    }

    [Theory]
    [InlineData("tests: [{name: a, call: {tool: x.y}, expect: {}}]", "empty-value")]
    [InlineData("tests: [{name: a, call: {}, expect: {decision: deny}}]", "missing-key")]
    [InlineData("tests: [{call: {tool: x.y}, expect: {decision: deny}}]", "missing-key")]
    [InlineData("tests: [{name: a, call: {tool: x.y}, expect: {decision: denied}}]", "unknown-value")]
    [InlineData("tests: [{name: a, call: {tool: x.y}, expect: {rule: raed}}]", "unknown-rule")]
    [InlineData("tests: [{name: a, call: {tool: x.y}, expect: {reason: because}}]", "unknown-value")]
    [InlineData("tests: [{name: a, call: {tool: x.y, context: {user: u}}, expect: {decision: deny}}]", "unknown-key")]
    [InlineData("tests: [{name: a, call: {tool: x.y, context: {time: noon}}, expect: {decision: deny}}]", "context")]
    [InlineData("tests: [{name: a, call: {tool: x.y, arguments: {}, arguments_json: '{}'}, expect: {decision: deny}}]", "arguments")]
    [InlineData("tests: [{name: a, call: {tool: x.y}, expect: {decision: deny}}, {name: a, call: {tool: x.y}, expect: {decision: deny}}]", "duplicate-name")]
    public void A_test_that_says_nothing_or_something_unknown_is_refused(string tests, string code)
    {
        var loaded = PolicyLoader.Load(Rules + tests + "\n");

        Assert.Null(loaded.Policy);
        Assert.Equal(code, Assert.Single(loaded.Diagnostics).Code);
    }

    [Fact]
    public void A_file_of_tests_is_read_like_the_tests_of_a_policy()
    {
        var policy = Load(Rules);

        var read = PolicyTestFile.Read("version: 1\npolicy: p.yaml\n" + Strong, policy);
        var broken = PolicyTestFile.Read("version: 1\nrules: []\ntests: []\n", policy);

        Assert.Equal(7, read.Tests.Length);
        Assert.Equal("p.yaml", PolicyTestFile.PolicyNamedBy("version: 1\npolicy: p.yaml\ntests: []\n"));
        Assert.Equal("unknown-key", Assert.Single(broken.Diagnostics).Code);
    }

    private static CompiledPolicy Load(string yaml)
    {
        var loaded = PolicyLoader.Load(yaml);
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics));
        return loaded.Policy;
    }
}
