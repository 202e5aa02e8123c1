using System.Text.Json;
using CsCheck;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Policy.Limits;

namespace McpShield.Policy.Tests.Limits;

/// <summary>Rate limits: the step as data and as laws, and what a policy makes of it.</summary>
public sealed class RateLimitTests
{
    private const int MaxCounters = 100_000;

    private static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Files => ["samples.json", "rates.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_rate_case_comes_out_as_written(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", file)));
        foreach (var one in document.RootElement.GetProperty("rate_cases").EnumerateArray())
        {
            var (units, period) = RateLimit.Parse(one.GetProperty("limit").GetString()!)!.Value;
            var limit = new RateLimit(units, period, one.TryGetProperty("burst", out var burst) ? burst.GetInt32() : units, []);
            var answers = Run(limit, [.. one.GetProperty("at").EnumerateArray().Select(static at => Start.AddSeconds(at.GetDouble()))]);

            Assert.Equal(one.GetProperty("expect").EnumerateArray().Select(static word => word.GetString()), answers.Select(static step => step.IsAllowed ? "ok" : "limited"));
        }
    }

    [Fact]
    public void In_no_stretch_of_time_is_more_let_through_than_burst_and_rate_allow() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 60], Gen.Int[1, 20], Gen.Int[0, 5_000].Array[1, 60]).Sample((units, seconds, burst, pauses) =>
        {
            var limit = new RateLimit(units, TimeSpan.FromSeconds(seconds), burst, []);
            var moments = Moments(pauses);
            var allowed = moments.Zip(Run(limit, moments)).Where(static pair => pair.Second.IsAllowed).Select(static pair => pair.First).ToList();
            for (var from = 0; from < allowed.Count; from++)
            {
                for (var to = from; to < allowed.Count; to++)
                {
                    var most = burst + (decimal)(allowed[to] - allowed[from]).Ticks * units / limit.Period.Ticks;
                    if (to - from + 1 > most) return false;
                }
            }

            return true;
        });

    [Fact]
    public void A_call_after_the_time_it_was_told_to_wait_succeeds_and_one_tick_before_does_not() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 60], Gen.Int[1, 20]).Sample((units, seconds, burst) =>
        {
            var limit = new RateLimit(units, TimeSpan.FromSeconds(seconds), burst, []);
            var steps = Run(limit, [.. Enumerable.Repeat(Start, burst + 1)]);
            var refused = steps[^1];
            return !refused.IsAllowed
                && Gcra.Step(limit, refused.State, Start + refused.RetryAfter).IsAllowed
                && !Gcra.Step(limit, refused.State, Start + refused.RetryAfter - TimeSpan.FromTicks(1)).IsAllowed;
        });

    [Fact]
    public void A_refused_call_leaves_the_counter_as_it_was() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[0, 5_000].Array[1, 40]).Sample((units, burst, pauses) =>
        {
            var limit = new RateLimit(units, TimeSpan.FromSeconds(10), burst, []);
            RateLimitState? state = null;
            foreach (var moment in Moments(pauses))
            {
                var step = Gcra.Step(limit, state, moment);
                if (!step.IsAllowed && step.State.Arrival != state!.Value.Arrival) return false;
                state = step.State;
            }

            return true;
        });

    [Theory]
    [InlineData("60/1m", 60, 60)]
    [InlineData("1/1s", 1, 1)]
    [InlineData("100/2h", 100, 7_200)]
    [InlineData("5/1d", 5, 86_400)]
    [InlineData("1000000/366d", 1_000_000, 31_622_400)]
    public void A_limit_is_so_many_a_period(string text, int units, int seconds) =>
        Assert.Equal((units, TimeSpan.FromSeconds(seconds)), RateLimit.Parse(text));

    [Theory]
    [InlineData("60")]
    [InlineData("60/m")]
    [InlineData("0/1m")]
    [InlineData("60/0s")]
    [InlineData("0/0s")]
    [InlineData("/1m")]
    [InlineData("1/")]
    [InlineData("1/m")]
    [InlineData("1000001/1s")]
    [InlineData("1/367d")]
    [InlineData("-1/1m")]
    [InlineData("60/1w")]
    [InlineData("60/1M")]
    [InlineData("60 / 1m")]
    [InlineData("06/1m")]
    [InlineData("1e3/1m")]
    [InlineData("9999999/1m")]
    [InlineData("1/999999d")]
    [InlineData("60/1m/2")]
    public void Anything_else_is_no_limit_and_the_policy_is_refused_there(string text)
    {
        var loaded = PolicyLoader.Load($"version: 1\nrules:\n  - tool: a.b\n    decision: allow\n    rate_limit: {{limit: '{text}'}}\n");

        Assert.Null(RateLimit.Parse(text));
        Assert.Contains(loaded.Diagnostics, static one => one is { Severity: Severity.Error, Code: "rate-limit", Line: 5, Column: 25 });
    }

    [Theory]
    [InlineData("allow", "{burst: 3}", "missing-key")]
    [InlineData("allow", "{limit: 1/1s, burst: 0}", "out-of-range")]
    [InlineData("allow", "{limit: 1/1s, key: [ip]}", "unknown-value")]
    [InlineData("allow", "{limit: 1/1s, key: []}", "empty-value")]
    [InlineData("allow", "{limit: 1/1s, per: key}", "unknown-key")]
    [InlineData("allow", "1/1s", "wrong-type")]
    [InlineData("deny", "{limit: 1/1s}", "rate-limit")]
    public void A_rate_limit_that_means_nothing_is_refused(string decision, string limit, string code)
    {
        var loaded = PolicyLoader.Load($"version: 1\nrules:\n  - {{tool: a.b, decision: {decision}, rate_limit: {limit}}}\n");

        Assert.Contains(loaded.Diagnostics, one => one.Severity is Severity.Error && one.Code == code);
    }

    [Fact]
    public void What_is_counted_apart_are_the_parts_of_the_key_and_the_rule_that_decided()
    {
        var policy = PolicyLoader.Load(
            """
            version: 1
            rules:
              - {id: one, tool: "a.*", decision: allow, rate_limit: {limit: 1/1s}}
              - {id: two, tool: "b.*", decision: allow, rate_limit: {limit: 1/1s, key: [server, agent]}}
              - {id: three, tool: "c.*", decision: approve, rate_limit: {limit: 1/1s, key: tool}}
            """).Policy!;
        string Counter(string tool, string key = "k", string agent = "x") =>
            Assert.Single(Authorizer.Decide(policy, new(tool, default, new CallContext { Principal = new() { Key = key, Agent = agent } })).Obligations.OfType<RateLimitObligation>()).Counter;

        Assert.Equal(Counter("a.x"), Counter("a.y"));
        Assert.NotEqual(Counter("a.x"), Counter("a.x", key: "other"));
        Assert.Equal(Counter("a.x"), Counter("a.x", agent: "other"));
        Assert.Equal(Counter("b.x"), Counter("b.y", key: "other"));
        Assert.NotEqual(Counter("b.x"), Counter("b.x", agent: "other"));
        Assert.NotEqual(Counter("c.x"), Counter("c.y"));
    }

    [Fact]
    public void The_server_of_a_counter_is_the_name_up_to_its_first_dot()
    {
        var policy = PolicyLoader.Load("version: 1\nrules:\n  - {tool: \"b.*\", decision: allow, rate_limit: {limit: 1/1s, key: server}}\n").Policy!;
        string Counter(string tool) => Assert.Single(Authorizer.Decide(policy, new(tool, default, CallContext.Empty)).Obligations.OfType<RateLimitObligation>()).Counter;

        Assert.Equal(Counter("b.x.one"), Counter("b.y.two"));
        Assert.Equal(Counter("b.x"), Counter("b.x.y.z"));
    }

    [Fact]
    public void Each_counter_of_a_table_counts_by_itself_like_the_step()
    {
        var (table, limit) = (new RateLimitTable(), new RateLimit(1, TimeSpan.FromSeconds(10), 2, []));

        Assert.Equal(new(true, TimeSpan.Zero), table.Take("a", limit, Start));
        Assert.Equal(new(true, TimeSpan.Zero), table.Take("a", limit, Start));
        Assert.Equal(new(false, TimeSpan.FromSeconds(10)), table.Take("a", limit, Start));
        Assert.Equal(new(true, TimeSpan.Zero), table.Take("b", limit, Start));
        Assert.Equal(new(true, TimeSpan.Zero), table.Take("a", limit, Start.AddSeconds(10)));
    }

    [Fact]
    public void A_full_table_refuses_new_counters_keeps_those_it_has_and_makes_room_once_their_time_has_passed()
    {
        // Two units, so that a counter's time is not the clock's.
        var (table, limit) = (new RateLimitTable(), new RateLimit(2, TimeSpan.FromSeconds(10), 1, []));
        for (var i = 0; i < MaxCounters; i++) Assert.True(table.Take($"{i}", limit, Start).IsAllowed, $"{i}");

        Assert.Equal(new(false, null), table.Take("new", limit, Start));
        Assert.Equal(new(false, null), table.Take("new", limit, Start.AddSeconds(5).AddTicks(-1)));
        Assert.Equal(new(false, TimeSpan.FromSeconds(5)), table.Take("0", limit, Start));

        // One counter is still busy when the time of the others has passed: it alone is kept.
        Assert.True(table.Take("0", limit, Start.AddSeconds(5)).IsAllowed);
        Assert.Equal(new(true, TimeSpan.Zero), table.Take("new", limit, Start.AddSeconds(5)));
        Assert.Equal(new(false, TimeSpan.FromSeconds(5)), table.Take("0", limit, Start.AddSeconds(5)));
        Assert.Equal(new(true, TimeSpan.Zero), table.Take("1", limit, Start.AddSeconds(5)));
    }

    private static List<DateTimeOffset> Moments(int[] pauses)
    {
        var now = Start;
        return [.. pauses.Select(pause => now = now.AddMilliseconds(pause))];
    }

    private static List<RateLimitStep> Run(RateLimit limit, List<DateTimeOffset> moments)
    {
        var steps = new List<RateLimitStep>();
        RateLimitState? state = null;
        foreach (var moment in moments)
        {
            var step = Gcra.Step(limit, state, moment);
            state = step.State;
            steps.Add(step);
        }

        return steps;
    }
}
