using McpShield.Policy.Evaluation;

namespace McpShield.Data.Tests;

/// <summary>What somebody changes behind the log's back is found, with its place.</summary>
public abstract class AuditVerifyingTests(string kind) : AuditPlaceTests(kind)
{
    [Theory]
    [InlineData("UPDATE audit_records SET envelope = {FLIP} WHERE seq = 3", 3, "leaf")]
    [InlineData("UPDATE audit_records SET link = leaf WHERE seq = 4", 4, "chain")]
    [InlineData("UPDATE audit_records SET leaf = link WHERE seq = 4", 4, "leaf")]
    [InlineData("DELETE FROM audit_records WHERE seq = 2", 2, "missing")]
    [InlineData("DELETE FROM audit_records WHERE seq = 1", 1, "missing")]
    [InlineData("UPDATE audit_records SET seq = 100 WHERE seq = 3; UPDATE audit_records SET seq = 3 WHERE seq = 4; UPDATE audit_records SET seq = 4 WHERE seq = 100", 3, "place")]
    [InlineData("UPDATE audit_records SET decision = 'allow' WHERE seq = 3", 3, "searched")]
    [InlineData("UPDATE audit_records SET tool = NULL WHERE seq = 2", 2, "searched")]
    [InlineData("UPDATE audit_records SET time_us = time_us + 1 WHERE seq = 4", 4, "searched")]
    [InlineData("UPDATE audit_payloads SET payload = salt WHERE seq = 3", 3, "payload")]
    public async Task A_change_is_found_where_it_is(string sql, long seq, string problem)
    {
        await Place.WriteAsync(Place.Decision(), Place.Decision(outcome: Outcome.Deny), Place.Decision(), Place.Action());
        Assert.Equal(new(1, 6, null), await Place.Reader.VerifyAsync(null, Ct));

        await Place.TamperAsync(sql.Replace("{FLIP}", IsPostgres ? "set_bit(envelope, 100, 1 - get_bit(envelope, 100))" : "CAST(replace(CAST(envelope AS TEXT), 'deny', 'dent') AS BLOB)", StringComparison.Ordinal));

        foreach (var organization in new Guid?[] { null, Place.Organization })
        {
            var fault = (await Place.Reader.VerifyAsync(organization, Ct)).Fault;
            Assert.Equal(seq, fault?.Seq);
            Assert.Contains(problem, fault!.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_end_of_a_stream_cannot_go_once_a_later_stream_has_seen_it()
    {
        await Place.WriteAsync(Place.Decision(), Place.Decision());
        await Place.WriteAsync(Place.Decision());
        await Place.TamperAsync("DELETE FROM audit_records WHERE seq = 4 AND kind = 'sealed'");

        Assert.Contains("later stream has seen", (await Place.Reader.VerifyAsync(null, Ct)).Fault?.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_cannot_go_once_a_later_one_names_it()
    {
        await Place.WriteAsync(Place.Decision());
        await Place.TamperAsync("CREATE TABLE gone AS SELECT stream_id FROM audit_streams");
        await Place.WriteAsync(Place.Decision());
        await using (var connection = await Place.ConnectAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = (IsPostgres ? "SET session_replication_role = replica;" : "PRAGMA foreign_keys=OFF;")
                + "DELETE FROM audit_records WHERE stream_id IN (SELECT stream_id FROM gone); DELETE FROM audit_streams WHERE stream_id IN (SELECT stream_id FROM gone)";
            await command.ExecuteNonQueryAsync(Ct);
        }

        Assert.Contains("gone", (await Place.Reader.VerifyAsync(null, Ct)).Fault?.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_organization_checks_its_own_records_and_the_chain_they_stand_in()
    {
        var theirs = Place.Decision() with { OrganizationId = AuditPlace.NewId(), ProjectId = AuditPlace.NewId() };
        var mine = Place.Decision();
        await Place.WriteAsync(theirs, mine, AuditPlace.Outcome(mine), AuditPlace.Outcome(theirs));

        // Its decision and outcome, and the signed ends of the stream.
        Assert.Equal(new(1, 4, null), await Place.Reader.VerifyAsync(Place.Organization, Ct));

        await Place.TamperAsync("UPDATE audit_records SET link = leaf WHERE seq = 2");
        Assert.Equal(2, (await Place.Reader.VerifyAsync(Place.Organization, Ct)).Fault?.Seq);
    }
}

public sealed class SqliteAuditVerifyingTests() : AuditVerifyingTests("SQLite");

public sealed class PostgresAuditVerifyingTests() : AuditVerifyingTests("PostgreSQL");
