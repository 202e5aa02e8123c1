using System.Threading.Channels;

namespace McpShield.Data.Tests.Ephemeral;

/// <summary>A change is told to every copy.</summary>
public sealed class ChangeFeedTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Every_subscriber_of_a_topic_hears_of_a_change_in_order_and_none_that_has_left(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (here, there, left) = (Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>());
        await using var one = await stores.One.Changes.SubscribeAsync(stores.Name, what => here.Writer.TryWrite(what), Ct);
        await using var other = await stores.Other.Changes.SubscribeAsync(stores.Name, what => there.Writer.TryWrite(what), Ct);
        await (await stores.One.Changes.SubscribeAsync(stores.Name, what => left.Writer.TryWrite(what), Ct)).DisposeAsync();

        await stores.One.Changes.PublishAsync(stores.Name + "x", "not ours", Ct);
        await stores.One.Changes.PublishAsync(stores.Name, "a", Ct);
        await stores.One.Changes.PublishAsync(stores.Name, "b", Ct);

        Assert.Equal(["a", "b"], [await here.Reader.ReadAsync(Ct), await here.Reader.ReadAsync(Ct)]);
        Assert.Equal(["a", "b"], [await there.Reader.ReadAsync(Ct), await there.Reader.ReadAsync(Ct)]);
        Assert.False(left.Reader.TryRead(out _));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_listener_that_fails_hears_the_next_change_too(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var heard = Channel.CreateUnbounded<string>();
        await using var one = await stores.One.Changes.SubscribeAsync(stores.Name, what => _ = what == "bad" ? throw new InvalidOperationException() : heard.Writer.TryWrite(what), Ct);

        await stores.One.Changes.PublishAsync(stores.Name, "bad", Ct);
        await stores.One.Changes.PublishAsync(stores.Name, "good", Ct);

        Assert.Equal("good", await heard.Reader.ReadAsync(Ct));
    }
}
