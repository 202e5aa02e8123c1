using System.Data.Common;
using McpShield.Audit;
using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;
using McpShield.Testing;
using Npgsql;

namespace McpShield.Data.Tests;

/// <summary>What is committed is kept once, in order, for good.</summary>
public abstract class AuditWritingTests(string kind) : AuditPlaceTests(kind)
{
    [Fact]
    public async Task What_was_committed_is_read_by_others_while_the_log_is_open_and_the_chain_holds()
    {
        await using var log = await Place.OpenAsync();
        var (allowed, denied) = (Place.Decision(), Place.Decision("fs.write", Outcome.Deny));
        await log.CommitAsync(allowed, Ct);
        await log.CommitAsync(AuditPlace.Outcome(allowed), Ct);
        await log.CommitAsync(denied, Ct);

        var entries = await ListAsync();

        Assert.Equal([("deny", "fs.write", null), ("allow", "fs.read", "succeeded")], entries.Select(static one => (one.Decision, one.Tool, one.Status)));
        Assert.Equal(("a message", 2_000L), (entries[0].Message, entries[1].DurationMicroseconds));
        Assert.Equal(new(1, 4, null) { Unsealed = 1 }, await Place.Reader.VerifyAsync(null, Ct));
    }

    [Fact]
    public async Task Writers_at_once_keep_a_whole_chain_each_and_the_later_names_the_one_before()
    {
        var logs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Place.OpenAsync()));
        await Task.WhenAll(logs.SelectMany(log => Enumerable.Range(0, 200).Select(i => log.CommitAsync(Place.Decision($"t.n{i % 7}", agent: $"a{i % 3}"), Ct).AsTask())));
        foreach (var log in logs) await log.DisposeAsync();
        await using (var later = await Place.OpenAsync()) await later.CommitAsync(Place.Decision(), Ct);

        Assert.Equal(new(4, (3 * 202) + 3, null), await Place.Reader.VerifyAsync(null, Ct));
        Assert.Equal(601, await Place.CountAsync("audit_events"));
        Assert.Equal(7 + 1, await Place.CountAsync("audit_names WHERE facet = 'what'"));
    }

    [Fact]
    public async Task An_action_that_is_drained_twice_is_kept_once_and_holds_nobody_up()
    {
        var (action, other) = (Place.Action(), Place.Action("key.revoked"));
        await Place.WriteAsync(action, action);
        await using var log = await Place.OpenAsync();

        await Task.WhenAll(log.CommitAsync(action, Ct).AsTask(), log.CommitAsync(Place.Decision(), Ct).AsTask(), log.CommitAsync(other, Ct).AsTask(), log.CommitAsync(other, Ct).AsTask());

        Assert.Equal(["key.revoked", "project.created"], (await ListAsync(Place.Query with { Kind = "action" })).Select(static one => one.Action));
        Assert.Equal(3, (await ListAsync()).Count);
        Assert.Null((await Place.Reader.VerifyAsync(null, Ct)).Fault);
    }

    [Fact]
    public async Task An_outcome_told_twice_does_not_take_the_calls_of_others_with_it()
    {
        var decision = Place.Decision();
        await Place.WriteAsync(decision, AuditPlace.Outcome(decision));
        await using var log = await Place.OpenAsync();

        await Task.WhenAll(log.CommitAsync(AuditPlace.Outcome(decision, CallStatus.Failed), Ct).AsTask(), log.CommitAsync(Place.Decision("b.c"), Ct).AsTask());

        Assert.Equal([("b.c", null), ("fs.read", "succeeded")], (await ListAsync()).Select(static one => (one.Tool, one.Status)));
        Assert.Null((await Place.Reader.VerifyAsync(null, Ct)).Fault);
    }

    [Fact]
    public async Task A_decision_of_ours_that_takes_another_ones_name_is_refused()
    {
        var decision = Place.Decision();
        await using var log = await Place.OpenAsync();
        await log.CommitAsync(decision, Ct);

        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.CommitAsync(decision with { Tool = "other.tool" }, Ct).AsTask());
        await log.CommitAsync(Place.Decision("b.c"), Ct);

        Assert.Equal(["b.c", "fs.read"], (await ListAsync()).Select(static one => one.Tool));
    }

    [Fact]
    public async Task A_reported_event_keeps_its_source_and_is_kept_once_by_its_event_id()
    {
        var reported = Place.Decision() with { CallId = ReportedEvents.CallId(Place.Project, "event 1"), Source = DecisionSource.Reported, EventId = "event 1" };
        await Place.WriteAsync(reported, reported with { Time = reported.Time.AddHours(1) }, Place.Decision());

        Assert.Equal(["enforced", "reported"], (await ListAsync()).Select(static one => one.Source));
        Assert.NotEqual(reported.CallId, ReportedEvents.CallId(Place.Organization, "event 1"));
        Assert.Contains("\"event_id\":\"event 1\"", (await Place.Reader.FindAsync(Place.Organization, reported.CallId, Ct))!.Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_whose_end_is_lost_is_looked_up_and_never_forks_the_chain()
    {
        var store = new LosingStore(Place.OpenStore());
        var log = await Place.OpenAsync(store);
        store.Loses = true;
        await log.CommitAsync(Place.Decision("a.kept"), Ct);
        store.Loses = false;
        store.Refuses = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.CommitAsync(Place.Decision("a.lost"), Ct).AsTask());
        store.Refuses = false;
        await log.CommitAsync(Place.Decision("a.after"), Ct);
        await log.DisposeAsync();

        Assert.Equal(["a.after", "a.kept"], (await ListAsync()).Select(static one => one.Tool));
        Assert.Equal(new(1, 4, null), await Place.Reader.VerifyAsync(null, Ct));
    }

    [Theory]
    [InlineData("UPDATE audit_records SET decision = 'allow'")]
    [InlineData("DELETE FROM audit_records")]
    [InlineData("UPDATE audit_payloads SET salt = payload")]
    [InlineData("DELETE FROM audit_streams")]
    [InlineData("UPDATE audit_streams SET opened_us = 0")]
    public async Task The_database_itself_refuses_to_change_what_is_recorded(string sql)
    {
        await Place.WriteAsync(Place.Decision());

        var refused = await Assert.ThrowsAnyAsync<DbException>(() => Place.ExecuteAsync(sql));

        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_a_database_would_refuse_are_kept_and_found()
    {
        var decision = Place.Decision("a.\0\ud800b", agent: new string('x', 5_000), message: "größe \u2028 'quoted'");
        await Place.WriteAsync(decision);

        var entry = Assert.Single(await ListAsync(Place.Query with { Tool = "a.\0\ud800b" }));

        Assert.Equal(decision.CallId, entry.CallId);
        Assert.Single(await ListAsync(Place.Query with { Text = "GRÖSSE".Replace("SS", "ß", StringComparison.Ordinal) }));
        Assert.Null((await Place.Reader.VerifyAsync(null, Ct)).Fault);
    }

    [Fact]
    public async Task The_events_view_has_the_columns_that_reports_rely_on()
    {
        var decision = Place.Decision(outcome: Outcome.Deny);
        await Place.WriteAsync(decision, Place.Action());

        await using var connection = await Place.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM audit_events";
        await using var reader = await command.ExecuteReaderAsync(Ct);
        Assert.True(await reader.ReadAsync(Ct));

        Assert.Equal(
            ["id", "org_id", "project_id", "timestamp", "tool_name", "decision", "policy_rule_matched", "request_metadata", "created_at"],
            Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
        Assert.Equal(decision.CallId, reader.GetGuid(0));
        Assert.Equal(("fs.read", "deny", "one"), (reader.GetString(4), reader.GetString(5), reader.GetString(6)));
        Assert.Equal(decision.Time, new DateTimeOffset(reader.GetDateTime(3), TimeSpan.Zero));
        Assert.Equal("agent", System.Text.Json.JsonDocument.Parse(reader.GetString(7)).RootElement.GetProperty("agent").GetString());
        Assert.False(await reader.ReadAsync(Ct));
    }

    private sealed class LosingStore(IAuditStore inner) : IAuditStore
    {
        public bool Loses { get; set; }

        public bool Refuses { get; set; }

        public async ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct)
        {
            if (Refuses) throw new IOException("no space left on device");
            await inner.AppendAsync(batch, ct);
            if (Loses) throw new IOException("the connection broke");
        }

        public ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct) => inner.ReadHeadAsync(stream, ct);

        public ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct) => inner.FindAsync(wanted, ct);

        public ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct) => inner.ReadLastAsync(ct);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

public sealed class SqliteAuditWritingTests() : AuditWritingTests("SQLite")
{
    [Fact]
    public async Task Only_their_owner_may_read_the_files()
    {
        if (OperatingSystem.IsWindows()) return; // file modes are a matter of Unix
        using var folder = new TemporaryFolder();
        await SqliteFiles.MigrateAuditAsync(folder.Path, Ct);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SqliteFiles.Audit(folder.Path)));
    }
}

public sealed class PostgresAuditWritingTests() : AuditWritingTests("PostgreSQL")
{
    [Fact]
    public async Task Copies_that_start_at_once_migrate_once()
    {
        var server = await PostgresServer.SharedAsync();
        await using var source = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PostgresAuditDb.MigrateAsync(source, Ct)));

        await using var command = source.CreateCommand("SELECT count(*) FROM audit_records");
        Assert.Equal(0L, await command.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task A_connection_that_is_cut_costs_the_calls_that_wait_and_no_more()
    {
        await using var log = await Place.OpenAsync();
        await log.CommitAsync(Place.Decision("a.before"), Ct);
        await Place.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.CommitAsync(Place.Decision("a.cut"), Ct).AsTask());
        await log.CommitAsync(Place.Decision("a.after"), Ct);

        Assert.Equal(["a.after", "a.before"], (await ListAsync()).Select(static one => one.Tool));
        Assert.Null((await Place.Reader.VerifyAsync(null, Ct)).Fault);
    }
}
