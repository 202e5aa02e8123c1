using System.Data.Common;
using System.Globalization;
using McpShield.Audit;
using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;
using McpShield.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace McpShield.Data.Tests;

/// <summary>A place where an audit log is kept, empty at first. Every guarantee of the log is tested in both.</summary>
public abstract class AuditPlace : IAsyncDisposable
{
    private readonly TemporaryFolder keys = new();
    private long ticks;

    public static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    public Guid Organization { get; } = Guid.CreateVersion7(Start);

    public Guid Project { get; } = Guid.CreateVersion7(Start);

    public abstract AuditReader Reader { get; }

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<AuditPlace> CreateAsync(string kind) => kind == "SQLite" ? await SqlitePlace.CreateAsync() : await PostgresPlace.CreateAsync();

    public abstract IAuditStore OpenStore();

    public abstract Task<DbConnection> ConnectAsync();

    /// <summary>Changes what the database refuses to change, as its owner could.</summary>
    public abstract Task TamperAsync(string sql);

    public Task<AuditLog> OpenAsync(IAuditStore? store = null) =>
        AuditLog.OpenAsync(store ?? OpenStore(), AuditSigningKey.LoadOrCreate(keys["audit.key"]), new("host", 1, "0"), AuditLogOptions.Default, TimeProvider.System, Ct);

    /// <summary>A decision a millisecond after the one before.</summary>
    public DecisionRecord Decision(string tool = "fs.read", Outcome outcome = Policy.Evaluation.Outcome.Allow, string rule = "one", string message = "a message", Reason reason = Reason.Rule, string agent = "agent", string key = "key") => new()
    {
        CallId = NewId(),
        Time = Start.AddMilliseconds(Interlocked.Increment(ref ticks)),
        OrganizationId = Organization,
        ProjectId = Project,
        Principal = new() { Agent = agent, Key = key },
        Transport = "http",
        Method = "tools/call",
        Tool = tool,
        Decision = new() { Outcome = outcome, Rule = rule, Reason = reason, Message = message },
        Arguments = "{\"path\":\"/a\"}"u8.ToArray(),
    };

    public ActionRecord Action(string action = "project.created") => new()
    {
        CallId = NewId(),
        Time = Start.AddMilliseconds(Interlocked.Increment(ref ticks)),
        OrganizationId = Organization,
        ProjectId = Project,
        Actor = "user",
        ActorUserId = Organization,
        Action = action,
        TargetType = "project",
        TargetId = Project.ToString("D"),
        After = "{\"name\":\"shop\"}"u8.ToArray(),
        ClientIp = "203.0.113.7",
    };

    public static OutcomeRecord Outcome(DecisionRecord of, CallStatus status = CallStatus.Succeeded) => new() { CallId = of.CallId, Time = of.Time, Status = status, Duration = TimeSpan.FromMilliseconds(2), Error = status == CallStatus.Succeeded ? null : "it broke" };

    public AuditQuery Query => new() { Scope = AuditScope.Of(Organization) };

    public async Task WriteAsync(params AuditRecord[] records)
    {
        await using var log = await OpenAsync();
        foreach (var record in records) await log.CommitAsync(record, Ct);
    }

    public async Task<int> ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync(Ct);
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Ct);
    }

    public async Task<long> CountAsync(string table) => Convert.ToInt64(await ScalarAsync($"SELECT count(*) FROM {table}"), CultureInfo.InvariantCulture);

    public virtual ValueTask DisposeAsync()
    {
        keys.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    public static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    private sealed class SqlitePlace(TemporaryFolder folder) : AuditPlace
    {
        public override AuditReader Reader { get; } = SqliteAuditReader.Open(folder.Path);

        public static async Task<AuditPlace> CreateAsync()
        {
            var folder = new TemporaryFolder();
            await SqliteFiles.MigrateAuditAsync(folder.Path, Ct);
            return new SqlitePlace(folder);
        }

        public override IAuditStore OpenStore() => SqliteAuditStore.Open(folder.Path);

        public override async Task<DbConnection> ConnectAsync()
        {
            var connection = new SqliteConnection($"Data Source={SqliteFiles.Audit(folder.Path)};Pooling=False");
            await connection.OpenAsync(Ct);
            return connection;
        }

        public override Task TamperAsync(string sql) => ExecuteAsync(
            "PRAGMA foreign_keys=OFF; DROP TRIGGER audit_records_no_update; DROP TRIGGER audit_records_no_delete; DROP TRIGGER audit_streams_no_delete; DROP TRIGGER audit_payloads_no_update;" + sql);

        public override ValueTask DisposeAsync()
        {
            folder.Dispose();
            return base.DisposeAsync();
        }
    }

    private sealed class PostgresPlace(NpgsqlDataSource source) : AuditPlace
    {
        public override AuditReader Reader { get; } = PostgresAuditReader.Open(source);

        public static async Task<AuditPlace> CreateAsync()
        {
            var server = await PostgresServer.SharedAsync();
            return new PostgresPlace(NpgsqlDataSource.Create(await server.CreateDatabaseAsync("audit", MigrateAsync)));

            static async Task MigrateAsync(string connectionString)
            {
                await using var source = NpgsqlDataSource.Create(connectionString);
                await PostgresAuditDb.MigrateAsync(source, CancellationToken.None);
            }
        }

        public override IAuditStore OpenStore() => PostgresAuditStore.Open(source);

        public override async Task<DbConnection> ConnectAsync() => await source.OpenConnectionAsync(Ct);

        public override Task TamperAsync(string sql) => ExecuteAsync($"SET session_replication_role = replica; {sql}");

        public override async ValueTask DisposeAsync()
        {
            await source.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}

/// <summary>Tests that hold wherever the log is kept; a class a place says where.</summary>
public abstract class AuditPlaceTests(string kind) : IAsyncLifetime
{
    protected AuditPlace Place { get; private set; } = null!;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected bool IsPostgres => kind != "SQLite";

    public async ValueTask InitializeAsync() => Place = await AuditPlace.CreateAsync(kind);

    public async ValueTask DisposeAsync()
    {
        await Place.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<IReadOnlyList<AuditEntry>> ListAsync(AuditQuery? query = null) => (await Place.Reader.ListAsync(query ?? Place.Query, Ct)).Entries;
}
