namespace McpShield.Data.Tests.Ephemeral;

/// <summary>A token is good once, for its purpose, for a while.</summary>
public sealed class TicketStoreTests
{
    private static readonly byte[] Payload = [1, 2, 3];
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Of_takers_at_once_exactly_one_gets_what_stands_behind_it(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var token = await stores.One.Tickets.IssueAsync("reset", stores.Name, Payload, Lifetime, Ct);
        Assert.Matches("^[A-Za-z0-9_-]{43}$", token);
        Assert.Equal(Payload, await stores.Other.Tickets.PeekAsync("reset", token, Ct));

        var taken = await stores.AtOnceAsync(20, one => one.Tickets.TakeAsync("reset", token, Ct));

        Assert.Equal(Payload, Assert.Single(taken, static payload => payload is not null));
        Assert.Null(await stores.One.Tickets.PeekAsync("reset", token, Ct));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_token_is_good_for_its_purpose_until_it_expires(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var token = await stores.One.Tickets.IssueAsync("reset", stores.Name, Payload, Lifetime, Ct);

        Assert.Null(await stores.One.Tickets.TakeAsync("sign-in", token, Ct));
        stores.Clock.Advance(Lifetime);
        Assert.Null(await stores.One.Tickets.PeekAsync("reset", token, Ct));
        Assert.Null(await stores.One.Tickets.TakeAsync("reset", token, Ct));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Revoking_takes_every_token_of_an_owner_and_of_nobody_else(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (first, second) = (await stores.One.Tickets.IssueAsync("reset", stores.Name, Payload, Lifetime, Ct), await stores.Other.Tickets.IssueAsync("reset", stores.Name, Payload, Lifetime, Ct));
        var other = await stores.One.Tickets.IssueAsync("reset", stores.Name + "x", Payload, Lifetime, Ct);
        var purpose = await stores.One.Tickets.IssueAsync("sign-in", stores.Name, Payload, Lifetime, Ct);

        await stores.One.Tickets.RevokeAllAsync("reset", stores.Name, Ct);

        Assert.Null(await stores.One.Tickets.TakeAsync("reset", first, Ct));
        Assert.Null(await stores.One.Tickets.TakeAsync("reset", second, Ct));
        Assert.NotNull(await stores.One.Tickets.TakeAsync("reset", other, Ct));
        Assert.NotNull(await stores.One.Tickets.TakeAsync("sign-in", purpose, Ct));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_token_that_the_caller_made_is_added_once_and_changed_by_one_of_two(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);

        Assert.True(await stores.One.Tickets.TryAddAsync("device", "o", stores.Name, Payload, Lifetime, Ct));
        Assert.False(await stores.Other.Tickets.TryAddAsync("device", "o", stores.Name, Payload, Lifetime, Ct));
        var replaced = await stores.AtOnceAsync(10, one => one.Tickets.TryReplaceAsync("device", stores.Name, Payload, new byte[] { 9 }, Ct));

        Assert.Single(replaced, static one => one);
        Assert.Equal([9], await stores.One.Tickets.TakeAsync("device", stores.Name, Ct));
        Assert.False(await stores.One.Tickets.TryReplaceAsync("device", stores.Name, new byte[] { 9 }, Payload, Ct));
        Assert.True(await stores.One.Tickets.TryAddAsync("device", "o", stores.Name, Payload, Lifetime, Ct));
    }
}
