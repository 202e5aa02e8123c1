using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Contracts.Client;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests.Copies;

/// <summary>kill -9 of a copy costs nothing that was answered, and the others go on with its work.</summary>
public sealed class KilledCopyTests
{
    private const int All = 200;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_killed_copy_had_taken_is_counted_and_audited_once()
    {
        var backend = await SharedBackend.CreateAsync();
        await using var a = await ShieldCopy.StartAsync(backend, "api,worker", Ct);
        var ada = await Owner.EnterAsync(a, Ct);
        await using var b = await ShieldCopy.StartAsync(backend, "api,worker", Ct);
        var (toA, toB) = (await ada.AgentOnAsync(a, Ct), await ada.AgentOnAsync(b, Ct));

        var taken = await IngestUntilKilledAsync(a, toA);
        var rest = Enumerable.Range(0, All).Except(taken).ToList();
        Assert.NotEmpty(rest);
        foreach (var i in rest) await toB.Events.IngestAsync(Event(i), Ct);

        var usage = await ada.On(b).Usage.MonthlyAsync(Ct);
        Assert.Equal(All, usage.Sources.Reported);
        Assert.Equal(All, await backend.ReadAsync<long>($"SELECT count(*) FROM usage_events WHERE project_id = '{ada.Project:D}'", Ct));

        // B has A's work when A's lease runs out.
        await UntilAsync(async () => await backend.ReadAsync<long>("SELECT count(*) FROM usage_events WHERE audited_at IS NULL", Ct) == 0);
        Assert.Equal(All, await backend.ReadAsync<long>($"SELECT count(*) FROM audit_events WHERE project_id = '{ada.Project:D}' AND tool_name = 'a.b'", Ct));
        Assert.Equal(All, await backend.ReadAsync<long>($"SELECT count(DISTINCT call_id) FROM audit_records WHERE project_id = '{ada.Project:D}' AND tool = 'a.b' AND kind = 'decision'", Ct));

        // A's end is on no record, B still writes; after an orderly end only A's is missing.
        Assert.Equal((true, 2, 2), await VerifyAsync(backend));
        var ended = await b.Program.TerminateAsync(Ct);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.Equal((true, 2, 1), await VerifyAsync(backend));
    }

    private static IngestEvent Event(int i) => new("a.b", Decision: "allow", EventId: $"e{i}");

    /// <summary>Eight at a time; killed in the middle, while some are under way. Returns what was answered.</summary>
    private static async Task<IReadOnlyCollection<int>> IngestUntilKilledAsync(ShieldCopy copy, ShieldClient agent)
    {
        var taken = new ConcurrentBag<int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, All), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (i, ct) =>
        {
            try
            {
                await agent.Events.IngestAsync(Event(i), ct);
                taken.Add(i);
            }
            catch (HttpRequestException)
            {
                // It is gone.
            }

            if (i == All / 2) await copy.Program.KillAsync(ct);
        });
        return taken;
    }

    private static async Task<(bool Holds, int Streams, int Unsealed)> VerifyAsync(SharedBackend backend)
    {
        var ended = await RunningProgram.RunAsync(Checkout.Program, ["audits", "verify", "--data", "none", "--json"], Ct, backend.Variables);
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        var found = JsonNode.Parse(ended.Output)!;
        return ((bool)found["holds"]!, (int)found["streams"]!, (int)found["unsealed"]!);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds()) await Task.Delay(100, Ct);
    }
}
