using McpShield.Policy.Sessions;

namespace McpShield.Data.Tests.Ephemeral;

/// <summary>What conversations gather only grows, and is the same for every copy.</summary>
public sealed class SessionStateStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task What_one_copy_adds_the_other_reads(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var opened = await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct);
        Assert.NotNull(opened.Handle);

        await stores.One.SessionStates.AddLabelsAsync(stores.Name, opened.Handle, ["private"], Ct);
        Assert.Null(await stores.One.SessionStates.TryCountAsync(stores.Name, opened.Handle, "a.b", null, Ct));

        var read = await stores.Other.SessionStates.OpenAsync(stores.Name, opened.Handle, Ct);
        Assert.Equal((opened.Handle, opened.Handle), (read.Handle, read.State.Id));
        Assert.Equal(["private"], read.State.Labels);
        Assert.Equal([KeyValuePair.Create("a.b", 1)], read.State.Calls);
        Assert.NotEqual(opened.Version, read.Version);
        Assert.Empty(opened.State.Labels); // what was read stays as it was read
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_new_conversation_begins_with_what_its_key_has_gathered(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var first = await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct);
        await stores.One.SessionStates.AddLabelsAsync(stores.Name, first.Handle, ["private"], Ct);

        var dropped = await stores.Other.SessionStates.OpenAsync(stores.Name, null, Ct);
        var invented = await stores.Other.SessionStates.OpenAsync(stores.Name, "AAAAAAAAAAAAAAAAAAAAAA", Ct);
        var stranger = await stores.Other.SessionStates.OpenAsync(stores.Name + "x", first.Handle, Ct);

        Assert.Equal(["private"], dropped.State.Labels);
        Assert.Equal(["private"], invented.State.Labels);
        Assert.Empty(stranger.State.Labels);
        Assert.Equal(5, ((string?[])[first.Handle, dropped.Handle, invented.Handle, stranger.Handle, "AAAAAAAAAAAAAAAAAAAAAA"]).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_call_that_was_decided_on_something_older_is_not_counted(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var opened = await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct);
        await stores.Other.SessionStates.AddLabelsAsync(stores.Name, opened.Handle, ["private"], Ct);

        var changed = await stores.One.SessionStates.TryCountAsync(stores.Name, opened.Handle, "a.b", opened.Version, Ct);

        Assert.Equal(["private"], changed!.State.Labels);
        Assert.Empty(changed.State.Calls);
        Assert.Null(await stores.One.SessionStates.TryCountAsync(stores.Name, opened.Handle, "a.b", changed.Version, Ct));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Calls_at_once_over_two_copies_are_counted_up_to_the_most_and_no_further(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var handle = (await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct)).Handle;

        var passed = await stores.AtOnceAsync(40, async one =>
        {
            for (var read = await one.SessionStates.OpenAsync(stores.Name, handle, Ct); read.State.Calls.GetValueOrDefault("a.b") < 7;)
            {
                if (await one.SessionStates.TryCountAsync(stores.Name, handle, "a.b", read.Version, Ct) is not { } changed) return true;
                read = changed;
            }

            return false;
        });

        Assert.Equal(7, passed.Count(static one => one));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Half_an_hour_after_its_last_call_a_key_has_gathered_nothing(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var opened = await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct);
        await stores.One.SessionStates.AddLabelsAsync(stores.Name, opened.Handle, ["private"], Ct);
        for (var i = 0; i < 3; i++)
        {
            stores.Clock.Advance(ISessionStateStore.IdleTime);
            Assert.Equal(["private"], (await stores.One.SessionStates.OpenAsync(stores.Name, opened.Handle, Ct)).State.Labels);
        }

        stores.Clock.Advance(ISessionStateStore.IdleTime + TimeSpan.FromMilliseconds(1));

        var after = await stores.One.SessionStates.OpenAsync(stores.Name, opened.Handle, Ct);
        Assert.Empty(after.State.Labels);
        Assert.NotEqual(opened.Handle, after.Handle);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Beyond_so_many_conversations_a_key_has_what_all_of_them_gathered(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var first = await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct);
        for (var i = 1; i < ISessionStateStore.MaxPerKey; i++) Assert.NotNull((await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct)).Handle);

        var beyond = await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct);
        await stores.One.SessionStates.AddLabelsAsync(stores.Name, beyond.Handle, ["private"], Ct);

        Assert.Null(beyond.Handle);
        Assert.Equal(["private"], (await stores.One.SessionStates.OpenAsync(stores.Name, null, Ct)).State.Labels);
        Assert.Empty((await stores.One.SessionStates.OpenAsync(stores.Name, first.Handle, Ct)).State.Labels);
    }
}
