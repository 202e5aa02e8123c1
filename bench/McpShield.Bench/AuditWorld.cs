using System.Globalization;
using System.Text;
using McpShield.Audit;
using McpShield.Data.Audits;
using Npgsql;
using NpgsqlTypes;

namespace McpShield.Bench;

/// <summary>An audit log of any size, made by COPY: records of the right shape, their chain left out.</summary>
/// <remarks>
/// Six tenths of the entries are one project's of a large organization, the rest its other projects' and those of fifty small ones. Half
/// a million entries a day; one of ten is a refusal, one of a thousand waits for approval, one of a thousand is an action, one of twenty is
/// reported; tools, agents and rules are used unevenly, and one of each is in one entry of a hundred thousand.
/// </remarks>
internal sealed class AuditWorld(NpgsqlDataSource source)
{
    private const int CommitRows = 50_000;
    private const long StepUs = 172_800; // half a million a day
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<(int Project, string Facet, string Name), long> names = [];
    private readonly List<long> scopes = [];
    private uint random = 2_463_534_242;

    public static Guid Organization { get; } = new(1, 0, 0, new byte[8]);

    public static Guid Project { get; } = new(1, 1, 0, new byte[8]);

    public static DateTimeOffset TimeOf(long entry) => Begin.AddTicks(entry * StepUs * TimeSpan.TicksPerMicrosecond);

    public static Guid CallOf(long entry) => new((int)(entry >> 16), (short)entry, 0x7000, BitConverter.GetBytes(entry * 0x5851F42D4C957F2D));

    /// <summary>Fills the tables; the first copy has its records' indexes made afterwards.</summary>
    public async Task FillAsync(long entries)
    {
        await using var connection = await source.OpenConnectionAsync();
        await AddNamesAsync(connection);
        var indexes = await DropIndexesAsync(connection);
        var stream = Guid.CreateVersion7(Begin);
        await RunAsync(connection, $"INSERT INTO audit_streams VALUES ('{stream}', 0)");
        for (var (entry, seq) = (0L, 0L); entry < entries;)
        {
            var count = Math.Min(CommitRows, entries - entry);
            seq = await CopyAsync(connection, stream, entry, count, seq);
            entry += count;
            if (entry % 1_000_000 == 0) await Console.Error.WriteLineAsync($"{entry} entries, {DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()):T}");
        }

        foreach (var index in indexes) await RunAsync(connection, index);
        await RunAsync(connection, "VACUUM (ANALYZE) audit_records");
        await RunAsync(connection, "VACUUM (ANALYZE) audit_payloads");
        await RunAsync(connection, "ANALYZE audit_names");
    }

    /// <summary>Copies entries with their payloads, and an outcome for every tenth; returns the last sequence number.</summary>
    public async Task<long> CopyAsync(NpgsqlConnection connection, Guid stream, long first, long count, long seq)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var begin = seq;
        await using (var writer = await connection.BeginBinaryImportAsync(PostgresAuditStore.CopyRecords))
        {
            for (var entry = first; entry < first + count; entry++)
            {
                await PostgresAuditStore.WriteAsync(writer, Record(stream, ++seq, entry, out var columns, out var references), columns, references, CancellationToken.None);
                if (entry % 10 == 0) await PostgresAuditStore.WriteAsync(writer, Outcome(stream, ++seq, entry, out columns), columns, default, CancellationToken.None);
            }

            await writer.CompleteAsync();
        }

        await using (var writer = await connection.BeginBinaryImportAsync("COPY audit_payloads (stream_id, seq, salt, payload) FROM STDIN (FORMAT BINARY)"))
        {
            for (var at = begin + 1; at <= seq; at++)
            {
                await writer.StartRowAsync();
                await writer.WriteAsync(stream, NpgsqlDbType.Uuid);
                await writer.WriteAsync(at, NpgsqlDbType.Bigint);
                await writer.WriteAsync(new byte[16], NpgsqlDbType.Bytea);
                await writer.WriteAsync("""{"arguments":{"sql":"select * from orders where customer = 42","limit":100},"client":"cursor 1.4","message":"rule reading allows this call"}"""u8.ToArray(), NpgsqlDbType.Bytea);
            }

            await writer.CompleteAsync();
        }

        await transaction.CommitAsync();
        return seq;
    }

    public async Task AddNamesAsync(NpgsqlConnection connection)
    {
        var keep = new RecordNames(static id => id);
        for (var project = 0; project < 55; project++)
        {
            foreach (var draft in Drafts(project))
            {
                var found = await keep.FindAsync(connection, draft, draft.Kind == "action" ? new ActionRecord { CallId = default, Time = default, Actor = "user", Action = "" } : null);
                if (scopes.Count <= project) scopes.Add(found.Scope!.Value);
                names[(project, "what", draft.Tool ?? draft.Action!)] = found.What!.Value;
                names[(project, "who", $"{draft.Agent}{draft.Source}")] = found.Who!.Value;
                names[(project, "why", $"{draft.Rule}")] = found.Why!.Value;
            }
        }
    }

    /// <summary>Drops the indexes of records and payloads, and returns how to make them.</summary>
    public static async Task<IReadOnlyList<string>> DropIndexesAsync(NpgsqlConnection connection)
    {
        var (drop, make) = (new List<string>(), new List<string>());
        await using (var command = new NpgsqlCommand("SELECT indexname, indexdef, tablename FROM pg_indexes WHERE tablename IN ('audit_records', 'audit_payloads')", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                var name = reader.GetString(0);
                drop.Add(name.StartsWith("pk_", StringComparison.Ordinal) ? $"ALTER TABLE {reader.GetString(2)} DROP CONSTRAINT {name}" : $"DROP INDEX {name}");
                make.Add(reader.GetString(1));
            }
        }

        foreach (var sql in drop) await RunAsync(connection, sql);
        return make;
    }

    public static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // put together from what the database itself told
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static IEnumerable<RecordColumns> Drafts(int project)
    {
        for (var i = 0; i < 40; i++) yield return Draft(project, i, i % 12, i % 20, i % 2 == 0 ? "enforced" : "reported", "allow");
        for (var i = 0; i < 40; i++) yield return Draft(project, i, i % 12, i % 20, i % 2 == 1 ? "enforced" : "reported", "allow");
        yield return Draft(project, 99, 99, 99, "enforced", "deny");
        yield return Draft(project, 0, 0, 0, "enforced", "allow") with { Kind = "action", Tool = null, Action = "policy.replaced", Agent = null, Source = null, Rule = null };
    }

    private static RecordColumns Draft(int project, int tool, int agent, int rule, string source, string decision) => new()
    {
        Kind = "decision",
        TimeUs = 0,
        OrganizationId = project < 5 ? Organization : new(2, (short)project, 0, new byte[8]),
        ProjectId = project == 0 ? Project : new(1, (short)(project + 1), 0, new byte[8]),
        Decision = decision,
        Tool = tool == 99 ? "vault.rare_tool" : string.Create(CultureInfo.InvariantCulture, $"server{tool % 5}.tool_{tool}"),
        Rule = rule == 99 ? "rare-rule" : string.Create(CultureInfo.InvariantCulture, $"rule-{rule}"),
        Reason = rule == 99 ? "rate_limited" : "rule",
        Agent = agent == 99 ? "rare-agent" : string.Create(CultureInfo.InvariantCulture, $"agent-{agent}"),
        KeyId = agent == 99 ? "rare-key" : string.Create(CultureInfo.InvariantCulture, $"key-{agent}"),
        Source = source,
        Method = "tools/call",
    };

    private StoredRecord Record(Guid stream, long seq, long entry, out RecordColumns columns, out RecordReferences references)
    {
        var share = Next(100);
        var project = share < 60 ? 0 : share < 80 ? 1 + (int)Next(4) : 5 + (int)Next(50);
        var (isRare, isAction) = (entry % 100_000 == 77_777, entry % 1_000 == 500);
        // Uneven: the smaller of two throws.
        var tool = isRare ? 99 : (int)Math.Min(Next(40), Next(40));
        var source = Next(20) == 0 ? "reported" : "enforced";
        var decision = entry % 1_000 == 123 ? "approve" : isRare || Next(10) == 0 ? "deny" : "allow";
        if (isRare) project = 0;
        columns = Draft(project, tool, isRare ? 99 : tool % 12, isRare ? 99 : tool % 20, isRare ? "enforced" : source, decision) with { TimeUs = RecordColumns.Microseconds(TimeOf(entry)), CallId = CallOf(entry) };
        if (isAction) columns = columns with { Kind = "action", Tool = null, Action = "policy.replaced", Actor = "user", Agent = null, KeyId = null, Source = null, Rule = null, Reason = null, Decision = null, Method = null };
        references = new(scopes[project], names[(project, "what", columns.Tool ?? columns.Action!)], names[(project, "who", $"{columns.Agent}{columns.Source}")], names[(project, "why", $"{columns.Rule}")]);
        var envelope =
            $$"""
            {"agent":"{{columns.Agent}}","call_id":"{{columns.CallId:D}}","decision":"{{columns.Decision}}","format":1,"key":"{{columns.KeyId}}","kind":"{{columns.Kind}}","method":"tools/call","organization_id":"{{columns.OrganizationId:D}}","payload_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","policy_hash":"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9","project_id":"{{columns.ProjectId:D}}","protocol":"2025-11-25","reason":"{{columns.Reason}}","rule":"{{columns.Rule}}","seq":{{seq}},"stream":"{{stream:D}}","time":"2026-01-01T00:00:00.000000Z","tool":"{{columns.Tool}}","tool_pin":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","transport":"http"}
            """;
        var bytes = Encoding.UTF8.GetBytes(envelope);
        return new(stream, seq, RecordKind.Decision, null, default, bytes, Chain.Leaf(bytes), [], []);
    }

    private static StoredRecord Outcome(Guid stream, long seq, long entry, out RecordColumns columns)
    {
        columns = new() { Kind = "outcome", TimeUs = RecordColumns.Microseconds(TimeOf(entry)), CallId = CallOf(entry), Status = "succeeded", DurationUs = 1_234 };
        var bytes = Encoding.UTF8.GetBytes($$"""{"call_id":"{{columns.CallId:D}}","duration_us":1234,"format":1,"kind":"outcome","payload_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","result_bytes":512,"seq":{{seq}},"status":"succeeded","stream":"{{stream:D}}","time":"2026-01-01T00:00:00.000000Z"}""");
        return new(stream, seq, RecordKind.Outcome, null, default, bytes, Chain.Leaf(bytes), [], []);
    }

    // Xorshift: the same log every time, and nothing here is secret.
    private long Next(uint below)
    {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        return random % below;
    }
}
