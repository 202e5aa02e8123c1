using System.Diagnostics;
using System.Net;
using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.EndToEnd.Tests.Copies;

/// <summary>Two processes on one PostgreSQL and one Redis are one control plane.</summary>
public sealed class TwoCopiesTests(TwoCopies copies) : IClassFixture<TwoCopies>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_copies_that_start_at_once_one_makes_the_first_project_and_shows_its_key()
    {
        Assert.Single(new[] { copies.A, copies.B }, static copy => copy.Greeting.Contains("mcps_", StringComparison.Ordinal));
        Assert.Equal(1, await copies.Backend.ReadAsync<long>("SELECT count(*) FROM projects WHERE name = 'demo'", Ct));
        Assert.Equal(3, await copies.Backend.ReadAsync<long>("SELECT count(*) FROM plans", Ct));
    }

    [Fact]
    public async Task Who_signed_in_on_one_is_signed_in_on_the_other_until_they_sign_out_anywhere()
    {
        var ada = await Owner.EnterAsync(copies.A, Ct);

        Assert.Equal(ada.Email, (await ada.On(copies.B).Me.GetAsync(Ct)).Email);
        await ada.On(copies.B).Auth.LogoutAsync(Ct);

        await RefusedAsync(() => ada.On(copies.A).Me.GetAsync(Ct), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_refresh_token_is_good_once_wherever_it_is_used_and_an_old_one_ends_the_session_everywhere()
    {
        var ada = await Owner.EnterAsync(copies.A, Ct);

        var second = await copies.B.Client().Auth.RefreshAsync(new(ada.Tokens.RefreshToken), Ct);
        var raced = await copies.A.Client().Auth.RefreshAsync(new(ada.Tokens.RefreshToken), Ct);
        Assert.Equal(second.RefreshToken, raced.RefreshToken);
        var third = await copies.A.Client().Auth.RefreshAsync(new(second.RefreshToken), Ct);
        Assert.NotEqual(second.RefreshToken, third.RefreshToken);

        await RefusedAsync(() => copies.B.Client().Auth.RefreshAsync(new(ada.Tokens.RefreshToken), Ct), HttpStatusCode.Unauthorized, "auth.refresh-reused");
        await RefusedAsync(() => copies.A.Client().Auth.RefreshAsync(new(third.RefreshToken), Ct), HttpStatusCode.Unauthorized, "auth.refresh-invalid");
        await RefusedAsync(() => copies.A.Client(third.AccessToken).Me.GetAsync(Ct), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Tries_to_sign_in_are_counted_across()
    {
        var ada = await Owner.EnterAsync(copies.A, Ct);
        ShieldCopy[] turns = [copies.A, copies.B, copies.A, copies.B, copies.A];
        foreach (var copy in turns) await RefusedAsync(() => copy.Client().Auth.LoginAsync(new(ada.Email, "not the password"), Ct), HttpStatusCode.Unauthorized, "auth.wrong");

        foreach (var copy in new[] { copies.A, copies.B }) await RefusedAsync(() => copy.Client().Auth.LoginAsync(new(ada.Email, Registration.Password), Ct), HttpStatusCode.TooManyRequests, "auth.too-many-tries");
    }

    [Fact]
    public async Task A_key_revoked_on_one_is_refused_on_the_other_within_a_second()
    {
        var ada = await Owner.EnterAsync(copies.A, Ct);
        var agent = await ada.AgentOnAsync(copies.B, Ct);

        await ada.On(copies.A).Keys.RevokeAsync(ada.Project, ada.Key.Id, Ct);
        var revoked = Stopwatch.GetTimestamp();
        while (await IsLetInAsync(agent)) Assert.True(Stopwatch.GetElapsedTime(revoked) < TimeSpan.FromSeconds(1), "the key still opens after a second");
    }

    [Fact]
    public async Task A_policys_rate_limit_is_counted_across()
    {
        var ada = await Owner.EnterAsync(copies.A, Ct, "version: 1\ndefault: deny\nrules:\n  - {id: six, tool: a.b, decision: allow, rate_limit: {limit: 6/1h}}\n");
        ShieldClient[] agents = [await ada.AgentOnAsync(copies.A, Ct), await ada.AgentOnAsync(copies.B, Ct)];

        var decided = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => agents[i % 2].Events.EvaluateAsync(new("a.b"), Ct)));

        Assert.Equal(6, decided.Count(static one => one.Decision == "allow"));
        Assert.All(decided.Where(static one => one.Decision != "allow"), static one => Assert.Equal("rate_limited", one.Reason));
    }

    [Fact]
    public async Task Events_told_to_both_at_once_count_once_each()
    {
        var ada = await Owner.EnterAsync(copies.A, Ct);
        ShieldClient[] agents = [await ada.AgentOnAsync(copies.A, Ct), await ada.AgentOnAsync(copies.B, Ct)];

        // The same 500 events to both copies, and 250 more to each.
        var told = Enumerable.Range(0, 1_500).Select(i => agents[i % 2].Events.IngestAsync(new IngestEvent("a.b", EventId: i < 1_000 ? $"both {i / 2}" : $"one {i}"), Ct));
        var answers = await Task.WhenAll(told);

        Assert.Equal((1_000, 500), (answers.Sum(static answer => answer.Accepted), answers.Sum(static answer => answer.Duplicates)));
        Assert.Equal(1_000, await copies.Backend.ReadAsync<long>($"SELECT count(*) FROM usage_events WHERE project_id = '{ada.Project:D}'", Ct));
        Assert.Equal(1_000, (await ada.On(copies.B).Usage.MonthlyAsync(Ct, organizationId: null)).Sources.Reported);
    }

    private static async Task<bool> IsLetInAsync(ShieldClient agent)
    {
        try
        {
            await agent.Events.EvaluateAsync(new("a.b"), Ct);
            return true;
        }
        catch (ShieldProblem problem) when (problem.Status is HttpStatusCode.Unauthorized)
        {
            return false;
        }
    }

    private static async Task RefusedAsync(Func<Task> ask, HttpStatusCode status, string? code = null)
    {
        var problem = await Assert.ThrowsAsync<ShieldProblem>(ask);
        Assert.Equal((status, code ?? problem.Code), (problem.Status, problem.Code));
    }
}
