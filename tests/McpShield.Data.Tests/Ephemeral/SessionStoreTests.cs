using McpShield.Data.Ephemeral;

namespace McpShield.Data.Tests.Ephemeral;

/// <summary>People's sessions: found, listed, ended; their refresh tokens rotate.</summary>
public sealed class SessionStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_session_is_found_as_it_was_made_until_it_expires(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (session, _) = await BeginAsync(stores, NewUser(stores), isRemembered: false);

        Assert.Equal(session, await stores.Other.Sessions.FindAsync(session.Id, Ct));
        stores.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await stores.One.Sessions.FindAsync(session.Id, Ct));
        stores.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await stores.One.Sessions.FindAsync(session.Id, Ct));
        Assert.Empty(await stores.One.Sessions.ListAsync(session.UserId, Ct));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Sessions_are_listed_newest_first_and_ended_one_by_one_or_all_but_one(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (user, stranger) = (NewUser(stores), NewUser(stores));
        var sessions = new List<UserSession>();
        for (var i = 0; i < 4; i++)
        {
            sessions.Insert(0, (await BeginAsync(stores, user, isRemembered: true)).Session);
            stores.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(sessions, await stores.One.Sessions.ListAsync(user, Ct));
        Assert.False(await stores.One.Sessions.RevokeAsync(stranger, sessions[0].Id, Ct));
        Assert.True(await stores.One.Sessions.RevokeAsync(user, sessions[0].Id, Ct));
        Assert.False(await stores.One.Sessions.RevokeAsync(user, sessions[0].Id, Ct));
        Assert.Null(await stores.Other.Sessions.FindAsync(sessions[0].Id, Ct));
        Assert.Equal(2, await stores.One.Sessions.RevokeAllAsync(user, sessions[2].Id, Ct));
        Assert.Equal([sessions[2]], await stores.One.Sessions.ListAsync(user, Ct));
        Assert.Equal(1, await stores.One.Sessions.RevokeAllAsync(user, null, Ct));
        Assert.Null(await stores.One.Sessions.FindAsync(sessions[2].Id, Ct));
    }

    [Theory]
    [InlineData("memory", true, 30 * 24)]
    [InlineData("memory", false, 24)]
    [InlineData("redis", true, 30 * 24)]
    [InlineData("redis", false, 24)]
    public async Task A_refresh_extends_the_session(string kind, bool isRemembered, int hours)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (session, token) = await BeginAsync(stores, NewUser(stores), isRemembered);
        stores.Clock.Advance(TimeSpan.FromHours(23));

        var rotation = await stores.One.Sessions.RotateAsync(token, token.Next(), Ct);

        Assert.Equal(RotationKind.Rotated, rotation.Kind);
        var now = stores.Clock.GetUtcNow();
        Assert.Equal(session with { LastUsedAt = now, ExpiresAt = now.AddHours(hours) }, rotation.Session);
        Assert.Equal(rotation.Session, await stores.Other.Sessions.FindAsync(session.Id, Ct));
        stores.Clock.Advance(TimeSpan.FromHours(hours));
        Assert.Equal(RotationKind.Unknown, (await stores.One.Sessions.RotateAsync(rotation.Token!, rotation.Token!.Next(), Ct)).Kind);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Racing_copies_of_one_refresh_all_get_the_same_successor(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (_, token) = await BeginAsync(stores, NewUser(stores), isRemembered: true);

        var rotations = await stores.AtOnceAsync(20, one => one.Sessions.RotateAsync(token, token.Next(), Ct));

        Assert.Single(rotations, static one => one.Kind is RotationKind.Rotated);
        Assert.Equal(19, rotations.Count(static one => one.Kind is RotationKind.Repeated));
        var successor = Assert.Single(rotations.Select(static one => one.Token!.Text).Distinct(StringComparer.Ordinal));
        stores.Clock.Advance(ISessionStore.RepeatWindow);
        Assert.Equal(successor, (await stores.One.Sessions.RotateAsync(token, token.Next(), Ct)).Token!.Text);
        Assert.True(RefreshToken.TryParse(successor, out var next));
        Assert.Equal(RotationKind.Rotated, (await stores.One.Sessions.RotateAsync(next, next.Next(), Ct)).Kind);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task An_old_token_that_comes_back_later_ends_the_session(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (session, first) = await BeginAsync(stores, NewUser(stores), isRemembered: true);
        var second = (await stores.One.Sessions.RotateAsync(first, first.Next(), Ct)).Token!;
        stores.Clock.Advance(ISessionStore.RepeatWindow + TimeSpan.FromMilliseconds(1));

        var reused = await stores.Other.Sessions.RotateAsync(first, first.Next(), Ct);

        Assert.Equal((RotationKind.Reused, session.Id, (RefreshToken?)null), (reused.Kind, reused.Session!.Id, reused.Token));
        Assert.Null(await stores.One.Sessions.FindAsync(session.Id, Ct));
        Assert.Empty(await stores.One.Sessions.ListAsync(session.UserId, Ct));
        Assert.Equal(RotationKind.Unknown, (await stores.One.Sessions.RotateAsync(second, second.Next(), Ct)).Kind);
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task The_oldest_token_of_a_long_session_still_ends_it_and_an_invented_one_does_not(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        var (session, first) = await BeginAsync(stores, NewUser(stores), isRemembered: true);
        var token = first;
        for (var i = 0; i < 5; i++) token = (await stores.One.Sessions.RotateAsync(token, token.Next(), Ct)).Token!;

        var invented = RefreshToken.Create(session.Id);
        Assert.Equal(RotationKind.Unknown, (await stores.One.Sessions.RotateAsync(invented, invented.Next(), Ct)).Kind);
        Assert.NotNull(await stores.One.Sessions.FindAsync(session.Id, Ct));
        Assert.Equal(RotationKind.Reused, (await stores.One.Sessions.RotateAsync(first, first.Next(), Ct)).Kind);
        Assert.Null(await stores.One.Sessions.FindAsync(session.Id, Ct));
    }

    [Fact]
    public void A_refresh_token_reads_back_names_its_session_and_shows_nothing()
    {
        var id = Guid.CreateVersion7(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        var token = RefreshToken.Create(id);

        Assert.True(RefreshToken.TryParse(token.Text, out var read));
        Assert.Equal((id, token.Text), (read.SessionId, read.Text));
        Assert.NotEqual(token.Text, token.Next().Text);
        Assert.Equal("***", token.ToString());
        foreach (var wrong in (string?[])[null, "", token.Text[1..], token.Text + "A", new string('!', token.Text.Length)]) Assert.False(RefreshToken.TryParse(wrong, out _));
    }

    private static Guid NewUser(Stores stores) => Guid.CreateVersion7(stores.Clock.GetUtcNow());

    private static async Task<(UserSession Session, RefreshToken Token)> BeginAsync(Stores stores, Guid user, bool isRemembered)
    {
        var session = UserSession.Begin(user, isRemembered, "192.0.2.1", "tests", stores.Clock.GetUtcNow());
        var token = RefreshToken.Create(session.Id);
        await stores.One.Sessions.CreateAsync(session, token, Ct);
        return (session, token);
    }
}
