namespace McpShield.Data.Tests.Ephemeral;

/// <summary>At most so many attempts in any stretch of so long.</summary>
public sealed class AttemptCounterTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task The_attempt_past_the_limit_is_refused_and_told_when_to_come_back(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(new(true, TimeSpan.Zero), await stores.One.Attempts.TryTakeAsync(stores.Name, 5, Window, Ct));
            stores.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(new(false, TimeSpan.FromMinutes(10)), await stores.Other.Attempts.TryTakeAsync(stores.Name, 5, Window, Ct));
        Assert.True((await stores.One.Attempts.TryTakeAsync(stores.Name + "x", 5, Window, Ct)).IsAllowed);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_refused_attempt_consumes_nothing_and_the_window_slides(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await TakeAsync(stores);
        stores.Clock.Advance(TimeSpan.FromMinutes(10));
        await TakeAsync(stores);
        for (var i = 0; i < 20; i++) Assert.False(await TakeAsync(stores));

        stores.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.True(await TakeAsync(stores)); // the first is a window ago, the second is not
        Assert.False(await TakeAsync(stores));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Of_attempts_at_once_over_two_copies_exactly_so_many_pass(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);

        var attempts = await stores.AtOnceAsync(40, one => one.Attempts.TryTakeAsync(stores.Name, 7, Window, Ct));

        Assert.Equal(7, attempts.Count(static attempt => attempt.IsAllowed));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task After_a_reset_it_begins_anew(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        Assert.True(await TakeAsync(stores) && await TakeAsync(stores) && !await TakeAsync(stores));

        await stores.Other.Attempts.ResetAsync(stores.Name, Ct);

        Assert.True(await TakeAsync(stores));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_clock_that_steps_back_grants_nothing(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        Assert.True(await TakeAsync(stores) && await TakeAsync(stores));

        stores.Clock.AdjustTime(stores.Clock.GetUtcNow() - TimeSpan.FromMinutes(14));

        Assert.Equal(new(false, Window), await stores.One.Attempts.TryTakeAsync(stores.Name, 2, Window, Ct));
    }

    private static async Task<bool> TakeAsync(Stores stores) => (await stores.One.Attempts.TryTakeAsync(stores.Name, 2, Window, Ct)).IsAllowed;
}
