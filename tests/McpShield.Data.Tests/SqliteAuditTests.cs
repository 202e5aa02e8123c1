using McpShield.Audit;
using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;
using McpShield.Testing;
using Microsoft.Data.Sqlite;

namespace McpShield.Data.Tests;

/// <summary>The audit log in its own SQLite file.</summary>
public sealed class SqliteAuditTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await SqliteFiles.MigrateAsync(folder.Path, Ct);

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_was_committed_is_read_by_others_while_the_log_is_open_and_the_chain_holds()
    {
        await using var log = await OpenAsync();
        var (allowed, denied) = (Decision("fs.read", Outcome.Allow), Decision("fs.write", Outcome.Deny));
        await log.CommitAsync(allowed, Ct);
        await log.CommitAsync(new OutcomeRecord { CallId = allowed.CallId, Time = allowed.Time, Status = CallStatus.Succeeded, Duration = TimeSpan.FromMilliseconds(2) }, Ct);
        await log.CommitAsync(denied, Ct);

        var entries = SqliteAuditReader.List(folder.Path, new());

        Assert.Equal([("deny", "fs.write", null), ("allow", "fs.read", "succeeded")], entries.Select(static one => (one.Decision, one.Tool, one.Status)));
        Assert.Equal("a message", entries[0].Message);
        Assert.Single(SqliteAuditReader.List(folder.Path, new(Decision: "deny")));
        Assert.Single(SqliteAuditReader.List(folder.Path, new(Tool: "fs.read")));
        Assert.Single(SqliteAuditReader.List(folder.Path, new(Limit: 1)));
        Assert.Null(ChainVerifier.Verify(SqliteAuditReader.Read(folder.Path)));
    }

    [Fact]
    public async Task A_second_process_goes_on_in_a_stream_of_its_own_and_names_the_first()
    {
        await using (var first = await OpenAsync()) await first.CommitAsync(Decision("a.b", Outcome.Allow), Ct);
        await using (var second = await OpenAsync()) await second.CommitAsync(Decision("a.c", Outcome.Allow), Ct);

        var streams = SqliteAuditReader.Read(folder.Path).GroupBy(static one => one.Stream).ToList();

        Assert.Equal(2, streams.Count);
        Assert.All(streams, static stream => Assert.Null(ChainVerifier.Verify(stream)));
        Assert.Contains($"\"previous_stream\":\"{streams[0].Key}\"", System.Text.Encoding.UTF8.GetString(streams[1].First().Envelope), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE audit_records SET decision = 'allow'")]
    [InlineData("DELETE FROM audit_records")]
    [InlineData("UPDATE audit_payloads SET payload = x'00'")]
    [InlineData("DELETE FROM audit_streams")]
    [InlineData("UPDATE audit_streams SET opened_us = 0")]
    public async Task The_database_itself_refuses_to_change_what_is_recorded(string sql)
    {
        await using (var log = await OpenAsync()) await log.CommitAsync(Decision("a.b", Outcome.Deny), Ct);

        var refused = Assert.Throws<SqliteException>(() => Execute(sql));

        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erased_payload_leaves_a_chain_that_holds()
    {
        await using (var log = await OpenAsync()) await log.CommitAsync(Decision("a.b", Outcome.Deny), Ct);

        Execute("DELETE FROM audit_payloads");

        Assert.Null(ChainVerifier.Verify(SqliteAuditReader.Read(folder.Path)));
        Assert.Null(SqliteAuditReader.List(folder.Path, new())[0].Message);
    }

    [Fact]
    public async Task The_events_view_has_the_columns_that_reports_rely_on()
    {
        var decision = Decision("fs.read", Outcome.Allow);
        await using (var log = await OpenAsync()) await log.CommitAsync(decision, Ct);

        using var connection = new SqliteConnection($"Data Source={SqliteFiles.Audit(folder.Path)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM audit_events";
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());

        Assert.Equal(
            ["id", "org_id", "project_id", "timestamp", "tool_name", "decision", "policy_rule_matched", "request_metadata", "created_at"],
            Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
        Assert.Equal(decision.CallId.ToString("D"), reader.GetString(0));
        Assert.Equal(("fs.read", "allow", "one"), (reader.GetString(4), reader.GetString(5), reader.GetString(6)));
        Assert.Equal("2026-11-24T08:00:00.000Z", reader.GetString(3));
    }

    [Fact]
    public async Task Migrating_again_changes_nothing()
    {
        await using (var log = await OpenAsync()) await log.CommitAsync(Decision("a.b", Outcome.Allow), Ct);

        await SqliteFiles.MigrateAsync(folder.Path, Ct);

        Assert.Single(SqliteAuditReader.List(folder.Path, new()));
    }

    [Fact]
    public void Only_their_owner_may_read_the_files()
    {
        if (OperatingSystem.IsWindows()) return; // file modes are a matter of Unix
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SqliteFiles.Audit(folder.Path)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SqliteFiles.Shield(folder.Path)));
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={SqliteFiles.Audit(folder.Path)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private Task<AuditLog> OpenAsync() =>
        AuditLog.OpenAsync(SqliteAuditStore.Open(folder.Path), AuditSigningKey.LoadOrCreate(folder["audit.key"]), new("host", 1, "0"), AuditLogOptions.Default, TimeProvider.System, Ct);

    private static DecisionRecord Decision(string tool, Outcome outcome) => new()
    {
        CallId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        Time = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero),
        Transport = "http",
        Tool = tool,
        Decision = new() { Outcome = outcome, Rule = "one", Reason = Reason.Rule, Message = "a message" },
    };
}
