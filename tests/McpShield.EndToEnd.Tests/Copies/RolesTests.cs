using McpShield.Testing;

namespace McpShield.EndToEnd.Tests.Copies;

/// <summary><c>mcpshield up --roles</c>.</summary>
public sealed class RolesTests
{
    private const string Drained = "SELECT count(*) = 0 FROM action_outbox";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("api,jobs", "there is no role `jobs`; there are api,web,worker")]
    [InlineData(",", "names none; there are api,web,worker")]
    public async Task An_unknown_role_is_wrong_usage_with_the_list(string roles, string problem)
    {
        using var folder = new TemporaryFolder();

        var ended = await RunningProgram.RunAsync(Checkout.Program, ["up", "--roles", roles, "--data", folder["data"]], Ct);

        Assert.Equal((2, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(problem, ended.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public async Task The_background_work_is_done_by_a_worker_alone_which_listens_nowhere_and_passes_to_another_when_it_is_killed()
    {
        var backend = await SharedBackend.CreateAsync();
        await using var api = await ShieldCopy.StartAsync(backend, "api", Ct);
        await Owner.EnterAsync(api, Ct);
        Assert.False(await backend.ReadAsync<bool>(Drained, Ct));
        Assert.Equal(0, await backend.ReadAsync<long>("SELECT count(*) FROM leases", Ct));

        // That the address is the API's disturbs nobody: a worker takes none.
        await using var worker = await ShieldCopy.StartAsync(backend, "worker", Ct, api.Url!.ToString());
        Assert.Null(worker.Url);
        Assert.DoesNotContain("mcps_", worker.Greeting, StringComparison.Ordinal);
        await UntilAsync(backend, Drained);
        var holder = await HolderAsync(backend);

        await using var other = await ShieldCopy.StartAsync(backend, "worker", Ct);
        await worker.Program.KillAsync(Ct);
        await Owner.EnterAsync(api, Ct);
        await UntilAsync(backend, Drained);

        Assert.NotEqual(holder, await HolderAsync(backend));
        Assert.Equal(0, (await other.Program.TerminateAsync(Ct)).ExitCode);
        Assert.Equal(0, await backend.ReadAsync<long>("SELECT count(*) FROM leases WHERE name = 'actions'", Ct));
    }

    private static Task<Guid> HolderAsync(SharedBackend backend) => backend.ReadAsync<Guid>("SELECT holder FROM leases WHERE name = 'actions'", Ct);

    private static async Task UntilAsync(SharedBackend backend, string holds)
    {
        while (!await backend.ReadAsync<bool>(holds, Ct)) await Task.Delay(100, Ct);
    }
}
