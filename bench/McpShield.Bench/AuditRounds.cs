using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using McpShield.Audit;
using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;
using McpShield.Testing;
using Npgsql;

namespace McpShield.Bench;

/// <summary>Pages of an audit log in PostgreSQL by every filter that is offered, and what its indexes cost a COPY.</summary>
internal static partial class AuditRounds
{
    private const int Samples = 200;
    private const int CopyRounds = 9;
    private const int CopyRows = 5_000;
    private const int CopyCommits = 4;

    private static readonly (string Name, AuditQuery Query)[] Queries =
    [
        ("all of the organization", All),
        ("one project", All with { Scope = AuditScope.Of(AuditWorld.Organization, [AuditWorld.Project]) }),
        ("decision: deny", All with { Decision = "deny" }),
        ("decision: approve (1 of 1,000)", All with { Decision = "approve" }),
        ("decision: allow", All with { Decision = "allow" }),
        ("tool", All with { Tool = "server0.tool_0" }),
        ("tool (1 of 100,000)", All with { Tool = "vault.rare_tool" }),
        ("tool and deny", All with { Tool = "server4.tool_39", Decision = "deny" }),
        ("rule", All with { Rule = "rule-3" }),
        ("rule (1 of 100,000)", All with { Rule = "rare-rule" }),
        ("agent", All with { Agent = "agent-3" }),
        ("agent (1 of 100,000)", All with { Agent = "rare-agent" }),
        ("key", All with { KeyId = "key-3" }),
        ("key (1 of 100,000)", All with { KeyId = "rare-key" }),
        ("kind: action (1 of 1,000)", All with { Kind = "action" }),
        ("kind: decision", All with { Kind = "decision" }),
        ("source: reported (1 of 20)", All with { Source = "reported" }),
        ("search: a common word", All with { Text = "tool_" }),
        ("search: a rare tool", All with { Text = "RARE_t" }),
        ("search: a rare reason", All with { Text = "rate_limited" }),
        ("search: nothing", All with { Text = "no such thing" }),
        ("search and deny", All with { Text = "server3", Decision = "deny" }),
    ];

    private static AuditQuery All => new() { Scope = AuditScope.Of(AuditWorld.Organization) };

    public static async Task RunAsync(long entries)
    {
        var server = await PostgresServer.StartAsync(isDurable: false, "-c shared_buffers=1GB -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=8GB -c maintenance_work_mem=512MB -c autovacuum=off");
        if (entries == 0)
        {
            await CopyAsync(server);
            return;
        }

        var connectionString = await MigratedAsync(server);
        await using var source = NpgsqlDataSource.Create(connectionString.Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal));
        var watch = Stopwatch.StartNew();
        await new AuditWorld(source).FillAsync(entries);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entries:N0} entries, filled in {watch.Elapsed.TotalSeconds:0} s\n"));
        Console.WriteLine("| filter | first page p50 / p99 ms | deep page p50 / p99 ms | indexes walked |\n| --- | --- | --- | --- |");
        await using var explained = NpgsqlDataSource.Create(
            $"{connectionString};Options=-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on");
        foreach (var (name, query) in Queries)
        {
            var first = await MeasureAsync(source, query, entries, isDeep: false);
            var deep = await MeasureAsync(source, query, entries, isDeep: true);
            Console.WriteLine($"| {name} | {first} | {deep} | {await PlanAsync(explained, server.Log, Deep(query, entries))} |");
        }

        var find = await MeasureAsync(async i => await PostgresAuditReader.Open(source).FindAsync(AuditWorld.Organization, AuditWorld.CallOf(i * 7_919L % entries), CancellationToken.None));
        Console.WriteLine($"| one call's story | {find} | – | |");
    }

    private static AuditQuery Deep(AuditQuery query, long entry) =>
        query with { Cursor = AuditCursor.Write(new(RecordColumns.Microseconds(AuditWorld.TimeOf(entry / 2)), Guid.AllBitsSet, long.MaxValue), query) };

    private static Task<string> MeasureAsync(NpgsqlDataSource source, AuditQuery query, long entries, bool isDeep) => MeasureAsync(async i =>
    {
        var asked = isDeep ? Deep(query, entries * 2 * (i + 1) / (Samples + 2)) : query;
        await PostgresAuditReader.Open(source).ListAsync(asked, CancellationToken.None);
    });

    private static async Task<string> MeasureAsync(Func<int, Task> ask)
    {
        for (var i = 0; i < 20; i++) await ask(i);
        var times = new double[Samples];
        for (var i = 0; i < Samples; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await ask(i);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture, $"{times[Samples / 2]:0.00} / {times[Samples * 99 / 100]:0.00}");
    }

    // The server itself tells the plans of the statements that were really sent, to its log.
    private static async Task<string> PlanAsync(NpgsqlDataSource explained, string log, AuditQuery query)
    {
        var begin = new FileInfo(log).Length;
        await PostgresAuditReader.Open(explained).ListAsync(query, CancellationToken.None);
        await using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = begin;
        using var reader = new StreamReader(file);
        var walked = Walk().Matches(await reader.ReadToEndAsync()).Select(static match => match.Groups["index"].Value).Distinct().Order(StringComparer.Ordinal);
        return string.Join(", ", walked.Select(static one => one.Replace("ix_audit_records_", "", StringComparison.Ordinal)));
    }

    // How a page's positions were found; looking up its rows by their keys is no search.
    [GeneratedRegex(@"Index (Only )?Scan (Backward )?using (?<index>ix_audit_records_(scope|what|who|why)\S+)|(?<index>Seq Scan on audit_records|(Bitmap Index Scan on|Sort Method: external) \S+)")]
    private static partial Regex Walk();

    private static async Task<string> MigratedAsync(PostgresServer server)
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await PostgresAuditDb.MigrateAsync(source, CancellationToken.None);
        return connectionString;
    }

    // G14: COPY with our indexes ÷ without, commits of 5,000 entries into tables that hold some already; rounds of both by turns.
    private static async Task CopyAsync(PostgresServer server)
    {
        await using var with = NpgsqlDataSource.Create(await MigratedAsync(server));
        await using var without = NpgsqlDataSource.Create(await MigratedAsync(server));
        await using var indexed = await with.OpenConnectionAsync();
        await using var bare = await without.OpenConnectionAsync();
        await AuditWorld.DropIndexesAsync(bare);
        var (indexedWorld, bareWorld) = (new AuditWorld(with), new AuditWorld(without));
        await indexedWorld.AddNamesAsync(indexed);
        await bareWorld.AddNamesAsync(bare);
        var (ratios, rates, stream) = (new List<double>(), new List<double>(), Guid.CreateVersion7(AuditWorld.TimeOf(0)));
        var (entry, seqIndexed, seqBare) = (0L, 0L, 0L);
        for (var round = 0; round < CopyRounds; round++)
        {
            var (slow, fast) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var commit = 0; commit < CopyCommits; commit++, entry += CopyRows)
            {
                var start = Stopwatch.GetTimestamp();
                seqIndexed = await indexedWorld.CopyAsync(indexed, stream, entry, CopyRows, seqIndexed);
                slow += Stopwatch.GetElapsedTime(start);
                start = Stopwatch.GetTimestamp();
                seqBare = await bareWorld.CopyAsync(bare, stream, entry, CopyRows, seqBare);
                fast += Stopwatch.GetElapsedTime(start);
            }

            ratios.Add(fast / slow);
            rates.Add(CopyRows * CopyCommits / slow.TotalSeconds);
        }

        var (ratio, rate) = (ratios.Order().ElementAt(CopyRounds / 2), rates.Order().ElementAt(CopyRounds / 2));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"COPY with our indexes ÷ without: {ratio:0.00} ({rate:N0} entries/s with them, each with its payload)"));
        await WriteAsync(with);
    }

    private static async Task WriteAsync(NpgsqlDataSource source)
    {
        const int Records = 20_000;
        using var key = new TemporaryFolder();
        await using var log = await AuditLog.OpenAsync(PostgresAuditStore.Open(source), AuditSigningKey.LoadOrCreate(key["audit.key"]), new("bench", 1, "0"), AuditLogOptions.Default, TimeProvider.System, CancellationToken.None);
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, Records, new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (i, ct) => await log.CommitAsync(
            new DecisionRecord
            {
                CallId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
                Time = TimeProvider.System.GetUtcNow(),
                OrganizationId = AuditWorld.Organization,
                ProjectId = AuditWorld.Project,
                Principal = new() { Agent = "agent-1", Key = "key-1" },
                Transport = "http",
                Method = "tools/call",
                Tool = $"server0.tool_{i % 40}",
                Decision = new() { Outcome = Outcome.Allow, Rule = "rule-1", Reason = Reason.Rule, Message = "rule reading allows this call" },
                Arguments = """{"sql":"select * from orders where customer = 42"}"""u8.ToArray(),
            },
            ct));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The log itself, chain and names included, 256 callers waiting: {Records / watch.Elapsed.TotalSeconds:N0} decisions/s\n"));
    }
}
