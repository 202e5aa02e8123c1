using CsCheck;
using McpShield.Data.Ephemeral;
using McpShield.Policy.Limits;
using McpShield.Testing;

namespace McpShield.Data.Tests.Ephemeral;

/// <summary>A rate limit counts in Redis as the pure step does, to the tick.</summary>
public sealed class RateLimitStoreTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    // Limits from the smallest to the largest that a policy may write, and moments that go on, stand still and step back.
    private static readonly Gen<RateLimit> Limits = Gen.Select(
        Gen.OneOf(Gen.Int[1, 20], Gen.Int[1, 1_000_000], Gen.Const(999_983)),
        Gen.OneOf(Gen.Int[1, 60], Gen.Int[1, 366 * 86_400]),
        Gen.OneOf(Gen.Int[1, 5], Gen.Int[1, 1_000_000]),
        static (units, seconds, burst) => new RateLimit(units, TimeSpan.FromSeconds(seconds), burst, []));

    private static readonly Gen<long[]> Pauses = Gen.OneOf(Gen.Const(0L), Gen.Long[-20, 200], Gen.Long[-5_000_000, 50_000_000], Gen.Long[0, 40_000_000_000_000]).Array[1, 12];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_answers_every_call_exactly_as_the_pure_step()
    {
        await using var stores = await Stores.OpenAsync("redis");
        var number = 0;

        await Gen.Select(Limits, Pauses).SampleAsync(
            async (limit, pauses) =>
            {
                var (counter, now) = ($"{stores.Name} {Interlocked.Increment(ref number)}", Start);
                RateLimitState? state = null;
                foreach (var pause in pauses)
                {
                    now = now.AddTicks(pause);
                    var step = Gcra.Step(limit, state, now);
                    state = step.State;
                    var answer = await stores.One.RateLimits.TakeAsync(counter, limit, now, CancellationToken.None);
                    if (answer != new RateLimitAnswer(step.IsAllowed, step.RetryAfter)) return false;
                }

                return true;
            },
            iter: 300,
            threads: 2);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Of_calls_at_once_over_two_copies_exactly_the_burst_passes(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var limit = new RateLimit(5, TimeSpan.FromHours(1), 5, []);

        var answers = await stores.AtOnceAsync(50, one => one.RateLimits.TakeAsync(stores.Name, limit, Start, Ct).AsTask());

        Assert.Equal(5, answers.Count(static answer => answer.IsAllowed));
        Assert.All(answers.Where(static answer => !answer.IsAllowed), static answer => Assert.Equal(TimeSpan.FromMinutes(12), answer.RetryAfter));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_copy_whose_clock_is_behind_grants_nothing(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var limit = new RateLimit(1, TimeSpan.FromSeconds(10), 1, []);
        Assert.True((await stores.One.RateLimits.TakeAsync(stores.Name, limit, Start, Ct)).IsAllowed);

        Assert.Equal(new(false, TimeSpan.FromSeconds(10)), await stores.Other.RateLimits.TakeAsync(stores.Name, limit, Start.AddDays(-1), Ct));
        Assert.Equal(new(false, TimeSpan.FromTicks(1)), await stores.Other.RateLimits.TakeAsync(stores.Name, limit, Start.AddSeconds(10).AddTicks(-1), Ct));
        Assert.True((await stores.Other.RateLimits.TakeAsync(stores.Name, limit, Start.AddSeconds(10), Ct)).IsAllowed);
    }

    [Fact]
    public async Task What_cannot_be_reached_says_so_and_a_start_without_it_names_the_settings()
    {
        await using var redis = await RedisServer.StartAsync();
        var options = new RedisOptions { Host = RedisServer.Host, Port = redis.Port };
        await using var stores = await EphemeralStores.RedisAsync(options, TimeProvider.System, Ct);
        await stores.CheckAsync(Ct);

        await redis.KillAsync(Ct);

        await Assert.ThrowsAsync<EphemeralUnavailableException>(() => stores.CheckAsync(Ct));
        await Assert.ThrowsAsync<EphemeralUnavailableException>(() => stores.Attempts.TryTakeAsync("a", 1, TimeSpan.FromMinutes(1), Ct));
        await Assert.ThrowsAsync<EphemeralUnavailableException>(async () => await stores.RateLimits.TakeAsync("a", new(1, TimeSpan.FromSeconds(1), 1, []), Start, Ct));
        await Assert.ThrowsAsync<EphemeralUnavailableException>(() => stores.Sessions.FindAsync(Guid.Empty, Ct));
        await Assert.ThrowsAsync<EphemeralUnavailableException>(() => stores.Changes.PublishAsync("a", "b", Ct));
        var refused = await Assert.ThrowsAsync<EphemeralUnavailableException>(() => EphemeralStores.RedisAsync(options, TimeProvider.System, Ct));
        Assert.Contains("REDIS_HOST", refused.Message, StringComparison.Ordinal);
    }
}
