using System.Data.Common;
using System.Security.Cryptography;

namespace McpShield.Data.Audits;

public abstract partial class AuditReader
{
    // Clocks of processes differ, and what a client reports may be older than what is already there: so far back is looked again.
    private const long OverlapUs = 24L * 60 * 60 * 1_000_000;

    /// <summary>Hides a project's entries before <paramref name="cutoff"/> at once, then erases their payloads, <paramref name="batch"/> entries a transaction. The chain stays whole.</summary>
    /// <returns>How many payloads were erased. Doing it again erases nothing more.</returns>
    public Task<long> EraseBeforeAsync(Guid project, DateTimeOffset cutoff, int batch, CancellationToken ct) =>
        EraseAsync("project_id", NotEmpty(project), RecordColumns.Microseconds(cutoff), batch, ct);

    /// <summary>Hides all entries of a deleted project for good, and erases their payloads and names.</summary>
    public Task<long> EraseProjectAsync(Guid project, int batch, CancellationToken ct) => EraseAsync("project_id", NotEmpty(project), AuditScopeRow.Hidden, batch, ct);

    /// <summary>The same for everything of a deleted organization: all its projects, and what was done to none of them.</summary>
    public Task<long> EraseOrganizationAsync(Guid organization, int batch, CancellationToken ct) => EraseAsync("organization_id", NotEmpty(organization), AuditScopeRow.Hidden, batch, ct);

    /// <summary>A connection that may write and leaves nothing readable of what it deletes.</summary>
    private protected abstract ValueTask<DbConnection> OpenForErasingAsync(CancellationToken ct);

    // Entries of no project stand under the empty identifier, everybody's: it must not be erased by mistake.
    private static Guid NotEmpty(Guid id) => id == Guid.Empty ? throw new ArgumentException("no identifier: say whose entries are to be erased", nameof(id)) : id;

    private async Task<long> EraseAsync(string column, Guid id, long cutoff, int batch, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        await using var connection = await OpenForErasingAsync(ct);
        // First what is seen, then what is there: whoever reads in between finds nothing half erased.
        await connection.RunAsync($"UPDATE audit_scopes SET erased_before_us = @cutoff WHERE {column} = @id AND erased_before_us < @cutoff", [("id", Id(id)), ("cutoff", cutoff)], ct);
        var scopes = new List<(long Id, long Until)>();
        await using (var command = connection.Command($"SELECT scope_id, erased_until_us FROM audit_scopes WHERE {column} = @id", [("id", Id(id))]))
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct)) scopes.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }

        var erased = 0L;
        foreach (var (scope, until) in scopes)
        {
            erased += await ErasePayloadsAsync(connection, scope, until - OverlapUs, cutoff, batch, ct);
            if (cutoff == AuditScopeRow.Hidden) await connection.RunAsync("DELETE FROM audit_names WHERE scope_id = @scope", [("scope", scope)], ct);
            else await EraseMessagesAsync(connection, scope, cutoff, ct);
        }

        return erased;
    }

    private static async Task<long> ErasePayloadsAsync(DbConnection connection, long scope, long from, long cutoff, int batch, CancellationToken ct)
    {
        const string End = "SELECT time_us FROM audit_records WHERE scope_id = @scope AND time_us >= @from AND time_us < @cutoff ORDER BY time_us LIMIT 1 OFFSET @batch";
        const string Delete =
            """
            DELETE FROM audit_payloads WHERE (stream_id, seq) IN (
                SELECT r.stream_id, r.seq FROM audit_records r WHERE r.scope_id = @scope AND r.time_us >= @from AND r.time_us < @end
                UNION ALL
                SELECT o.stream_id, o.seq FROM audit_records r JOIN audit_records o ON o.call_id = r.call_id AND o.kind = 'outcome'
                WHERE r.scope_id = @scope AND r.time_us >= @from AND r.time_us < @end)
            """;
        const string Remember = "UPDATE audit_scopes SET erased_until_us = @end WHERE scope_id = @scope AND erased_until_us < @end";
        var erased = 0L;
        while (true)
        {
            (string, object?)[] range = [("scope", scope), ("from", from), ("cutoff", cutoff), ("batch", batch - 1)];
            // To the end of the last moment: entries of one microsecond go together.
            var end = await connection.ReadScalarAsync(End, range, ct) is long last ? last + 1 : cutoff;
            erased += await connection.RunAsync(Delete, [("scope", scope), ("from", from), ("end", end)], ct);
            if (end >= cutoff)
            {
                if (cutoff != AuditScopeRow.Hidden) await connection.RunAsync(Remember, [("scope", scope), ("end", end)], ct);
                return erased;
            }

            await connection.RunAsync(Remember, [("scope", scope), ("end", end)], ct);
            from = end;
        }
    }

    // A message that no entry has any more is erased from the names too; its digest would let it be guessed.
    private static async Task EraseMessagesAsync(DbConnection connection, long scope, long cutoff, CancellationToken ct)
    {
        const string Unused =
            """
            SELECT n.name_id, n.reason, n.rule, n.folded FROM audit_names n
            WHERE n.scope_id = @scope AND n.facet = 'why' AND NOT EXISTS (SELECT 1 FROM audit_records r WHERE r.why_id = n.name_id AND r.time_us >= @cutoff)
            """;
        var unused = new List<(long Id, string Folded)>();
        await using (var command = connection.Command(Unused, [("scope", scope), ("cutoff", cutoff)]))
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                var rest = new SharedNames("why") { Reason = reader.IsDBNull(1) ? null : reader.GetString(1), Rule = reader.IsDBNull(2) ? null : reader.GetString(2) };
                if (reader.GetString(3) != rest.Folded) unused.Add((reader.GetInt64(0), rest.Folded));
            }
        }

        foreach (var (id, folded) in unused)
        {
            await connection.RunAsync("UPDATE audit_names SET folded = @folded, digest = @digest WHERE name_id = @id", [("id", id), ("folded", folded), ("digest", RandomNumberGenerator.GetBytes(32))], ct);
        }
    }
}
