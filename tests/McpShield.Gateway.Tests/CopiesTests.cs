using McpShield.Data.Ephemeral;
using McpShield.Testing;

namespace McpShield.Gateway.Tests;

/// <summary>Two copies of a gateway in front of the same servers, with what they share in one Redis.</summary>
public sealed class CopiesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rate_limit_holds_over_all_copies_however_many_calls_come_at_once()
    {
        await using var copies = await Copies.StartAsync("version: 1\nrules:\n  - {tool: rec.echo, decision: allow, rate_limit: {limit: 7/1d}}\n");

        var answers = await copies.AtOnceAsync(30, static gateway => gateway.CallAsync("rec__echo"));

        Assert.Equal(7, answers.Count(static answer => !answer.IsToolError));
        Assert.All(answers.Where(static answer => answer.IsToolError), static answer => Assert.Contains("rate_limited", answer.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_of_a_conversation_are_counted_over_all_copies_and_exactly_so_many_pass()
    {
        await using var copies = await Copies.StartAsync("version: 1\nrules:\n  - {tool: rec.echo, decision: allow, conditions: {calls_in_session: {tool: rec.echo, max: 5}}}\n  - {tool: rec.numbers, decision: allow}\n");
        var handle = SessionTests.Handle(await copies.One.CallAsync("rec__numbers"));

        var answers = await copies.AtOnceAsync(30, gateway => SessionTests.ModernAsync(gateway, "rec__echo", handle));

        Assert.Equal(5, answers.Count(static answer => !answer.IsToolError));
    }

    [Fact]
    public async Task A_label_that_one_copy_gathered_closes_the_sink_in_the_other()
    {
        await using var copies = await Copies.StartAsync(SessionTests.Guarded);
        var handle = SessionTests.Handle(await copies.One.CallAsync("rec__numbers"));
        Assert.False((await SessionTests.ModernAsync(copies.Other, "rec__numbers", handle)).IsToolError);

        await SessionTests.ModernAsync(copies.One, "rec__echo", handle);

        Assert.Contains("no-leak", (await SessionTests.ModernAsync(copies.Other, "rec__numbers", handle)).Text, StringComparison.Ordinal);
        Assert.Contains("no-leak", (await copies.Other.CallAsync("rec__numbers")).Text, StringComparison.Ordinal); // and dropping the handle helps nobody
    }

    [Fact]
    public async Task What_cannot_be_counted_is_denied_unless_the_rule_says_that_each_copy_counts_by_itself()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var stores = await EphemeralStores.RedisAsync(new() { Host = RedisServer.Host, Port = redis.Port }, TimeProvider.System, Ct);
        await using var memory = EphemeralStores.InMemory(TimeProvider.System);
        const string Policy = """
            version: 1
            rules:
              - {id: shared, tool: rec.echo, decision: allow, rate_limit: {limit: 5/1d}}
              - {id: alone, tool: rec.numbers, decision: allow, rate_limit: {limit: 2/1d, on_store_error: local}}
              - {id: free, tool: rec.progress, decision: allow}
            """;
        await using var gateway = await GatewayHost.StartAsync(Policy, shared: new(stores.RateLimits, memory.SessionStates));
        Assert.False((await gateway.CallAsync("rec__echo")).IsToolError);

        await redis.KillAsync(Ct);

        var denied = await gateway.CallAsync("rec__echo");
        Assert.Contains("rate limit of rule shared cannot be counted", denied.Text, StringComparison.Ordinal);
        Assert.Contains("rate_limited", denied.Text, StringComparison.Ordinal);
        Assert.False((await gateway.CallAsync("rec__numbers")).IsToolError || (await gateway.CallAsync("rec__numbers")).IsToolError);
        Assert.Contains("used up", (await gateway.CallAsync("rec__numbers")).Text, StringComparison.Ordinal);
        Assert.False((await gateway.CallAsync("rec__progress")).IsToolError);
    }

    [Fact]
    public async Task When_nobody_knows_what_the_session_has_gathered_nothing_happens_and_that_is_on_record()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var stores = await EphemeralStores.RedisAsync(new() { Host = RedisServer.Host, Port = redis.Port }, TimeProvider.System, Ct);
        await using var gateway = await GatewayHost.StartAsync(shared: new(stores.RateLimits, stores.SessionStates));
        await redis.KillAsync(Ct);

        var denied = await gateway.CallAsync("rec__echo", """{"a":"never-sent"}""");

        Assert.True(denied.IsToolError);
        Assert.Contains("what the session has gathered cannot be read", denied.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("never-sent", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal(("deny", "evaluation_error"), (gateway.Audits[0].Decision, gateway.Audits[0].Reason));
    }

    private sealed class Copies : IAsyncDisposable
    {
        private readonly RedisServer redis;
        private readonly EphemeralStores[] stores;

        private Copies(GatewayHost one, GatewayHost other, EphemeralStores[] stores, RedisServer redis) => (One, Other, this.stores, this.redis) = (one, other, stores, redis);

        public GatewayHost One { get; }

        public GatewayHost Other { get; }

        // A Redis of its own: the key is the same in every test, and so is what it has gathered.
        public static async Task<Copies> StartAsync(string policy)
        {
            var redis = await RedisServer.StartAsync();
            var options = new RedisOptions { Host = RedisServer.Host, Port = redis.Port };
            EphemeralStores[] stores = [await EphemeralStores.RedisAsync(options, TimeProvider.System, Ct), await EphemeralStores.RedisAsync(options, TimeProvider.System, Ct)];
            var hosts = await Task.WhenAll(stores.Select(one => GatewayHost.StartAsync(policy, shared: new(one.RateLimits, one.SessionStates))));
            return new(hosts[0], hosts[1], stores, redis);
        }

        public Task<Answer[]> AtOnceAsync(int times, Func<GatewayHost, Task<Answer>> call) => Task.WhenAll(Enumerable.Range(0, times).Select(number => call(number % 2 == 0 ? One : Other)));

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Other.DisposeAsync();
            foreach (var one in stores) await one.DisposeAsync();
            await redis.DisposeAsync();
        }
    }
}
