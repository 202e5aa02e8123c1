using System.Collections.Immutable;
using McpShield.Data.Ephemeral;

namespace McpShield.Data.Tests.Ephemeral;

/// <summary>The second of the same request does nothing and gets the first one's response.</summary>
public sealed class IdempotencyStoreTests
{
    private static readonly byte[] Request = [1];
    private static readonly StoredResponse Response = new(201, ImmutableDictionary<string, string>.Empty.Add("Location", "/x"), new byte[] { 1, 2, 255 });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Of_the_same_request_at_once_exactly_one_is_carried_out(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);

        var answers = await stores.AtOnceAsync(20, one => one.Idempotency.BeginAsync("c", stores.Name, Request, Ct));

        Assert.Single(answers, static answer => answer.Kind is IdempotencyKind.Begun);
        Assert.Equal(19, answers.Count(static answer => answer.Kind is IdempotencyKind.InProgress));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_response_is_given_again_byte_for_byte_for_a_day(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await CompleteAsync(stores);

        var again = await stores.Other.Idempotency.BeginAsync("c", stores.Name, Request, Ct);

        Assert.Equal(IdempotencyKind.Replay, again.Kind);
        Assert.Equal((201, "/x"), (again.Response!.Status, again.Response.Headers["location"]));
        Assert.Equal(Response.Body.ToArray(), again.Response.Body.ToArray());
        stores.Clock.Advance(IIdempotencyStore.Lifetime);
        Assert.Equal(IdempotencyKind.Begun, (await stores.One.Idempotency.BeginAsync("c", stores.Name, Request, Ct)).Kind);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task The_same_key_with_another_request_is_a_conflict_and_of_another_caller_is_another(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await CompleteAsync(stores);

        Assert.Equal(IdempotencyKind.Conflict, (await stores.One.Idempotency.BeginAsync("c", stores.Name, new byte[] { 2 }, Ct)).Kind);
        Assert.Equal(IdempotencyKind.Begun, (await stores.One.Idempotency.BeginAsync("d", stores.Name, Request, Ct)).Kind);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task What_came_to_nothing_or_died_may_be_tried_again_and_a_late_end_changes_nothing(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var abandoned = (await stores.One.Idempotency.BeginAsync("c", stores.Name, Request, Ct)).Run!;
        await stores.One.Idempotency.AbandonAsync("c", stores.Name, abandoned, Ct);
        var died = (await stores.One.Idempotency.BeginAsync("c", stores.Name, Request, Ct)).Run!;
        stores.Clock.Advance(IIdempotencyStore.RunTime);

        Assert.Equal(IdempotencyKind.Begun, (await stores.One.Idempotency.BeginAsync("c", stores.Name, Request, Ct)).Kind);
        await stores.One.Idempotency.CompleteAsync("c", stores.Name, died, Response, Ct);
        await stores.One.Idempotency.AbandonAsync("c", stores.Name, died, Ct);

        Assert.Equal(IdempotencyKind.InProgress, (await stores.One.Idempotency.BeginAsync("c", stores.Name, Request, Ct)).Kind);
    }

    private static async Task CompleteAsync(Stores stores)
    {
        var begun = await stores.One.Idempotency.BeginAsync("c", stores.Name, Request, Ct);
        await stores.One.Idempotency.CompleteAsync("c", stores.Name, begun.Run!, Response, Ct);
    }
}
