using System.Data.Common;
using McpShield.Audit;
using McpShield.Policy.Json;

namespace McpShield.Data.Audits;

public abstract partial class AuditReader
{
    private const string Columns =
        "r.kind, r.time_us, r.call_id, r.organization_id, r.project_id, r.decision, r.tool, r.rule, r.reason, r.status, r.duration_us, r.agent, r.key_id, r.source, r.action, r.actor, r.method";

    /// <summary>Recomputes the chain, stream by stream, one record in memory at a time, up to the first fault.</summary>
    /// <param name="organization">
    /// Checks what is this organization's, and that it stands in streams whose chain holds; the records of others are taken by their kept leaves, unread. <c>null</c> checks everything.
    /// </param>
    /// <param name="ct">Ends it early.</param>
    public async Task<AuditVerification> VerifyAsync(Guid? organization, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        var mine = organization is { } asker ? await ReadAllScopesAsync(connection, asker, ct) : null;
        var named = await ReadNamedLinksAsync(connection, ct);
        var (streams, records, unsealed) = (0, 0L, 0);
        foreach (var stream in await ReadStreamsAsync(connection, ct))
        {
            if (mine is not null && !await IsInAsync(connection, stream, mine, ct)) continue;
            var (fault, count, isSealed) = await VerifyAsync(connection, stream, mine, named.GetValueOrDefault(stream) ?? [], ct);
            (streams, records, unsealed) = (streams + 1, records + count, unsealed + (isSealed ? 0 : 1));
            named.Remove(stream);
            if (fault is not null) return new(streams, records, fault) { Unsealed = unsealed };
        }

        // Seen from everywhere only: an organization is told of its own streams.
        var gone = mine is null && named.Count > 0 ? new ChainFault(named.Keys.First(), 1, "a later stream names this one, and it is gone") : null;
        return new(streams, records, gone) { Unsealed = unsealed };
    }

    private async Task<(ChainFault? Fault, long Count, bool IsSealed)> VerifyAsync(DbConnection connection, Guid stream, IReadOnlyList<long>? mine, HashSet<string> seen, CancellationToken ct)
    {
        var scopes = mine is null ? "" : EntrySearch.List(mine);
        var isMine = mine is null
            ? "1 = 1"
            : $"""
               (r.kind IN ('opened', 'sealed') OR r.scope_id IN ({scopes})
                OR (r.kind = 'outcome' AND EXISTS (SELECT 1 FROM audit_records d WHERE d.call_id = r.call_id AND d.kind = 'decision' AND d.scope_id IN ({scopes}))))
               """;
        var sql =
            $"""
            SELECT r.seq, r.leaf, r.link, CASE WHEN {isMine} THEN r.envelope END, p.salt, p.payload, {Columns}
            FROM audit_records r LEFT JOIN audit_payloads p ON p.stream_id = r.stream_id AND p.seq = r.seq
            WHERE r.stream_id = @stream ORDER BY r.seq
            """;
        await using var command = connection.Command(sql, [("stream", Id(stream))]);
        command.CommandTimeout = 0; // as long as the stream is
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (verifier, count, isSealed) = (new ChainVerifier(stream), 0L, false);
        while (await reader.ReadAsync(ct))
        {
            var (seq, leaf, link) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2));
            var envelope = Bytes(reader, 3);
            var fault = envelope is null ? verifier.AddUnread(seq, leaf, link) : Check(reader, verifier, stream, seq, leaf, link, envelope);
            if (fault is not null) return (fault, count, isSealed);
            isSealed = reader.GetString(6) == "sealed";
            if (seen.Count > 0) seen.Remove(Convert.ToHexStringLower(link));
            if (envelope is not null) count++;
        }

        if (verifier.Count == 0) return (new(stream, 1, "records are missing"), count, isSealed);
        return (seen.Count > 0 ? new(stream, verifier.Count + 1, "records that a later stream has seen are missing") : null, count, isSealed);
    }

    private ChainFault? Check(DbDataReader reader, ChainVerifier verifier, Guid stream, long seq, byte[] leaf, byte[] link, byte[] envelope)
    {
        if (!Chain.Leaf(envelope).AsSpan().SequenceEqual(leaf)) return new(stream, seq, "the record is not the one its leaf was made of");
        if (KeptRecord.TryRead(envelope, link, Bytes(reader, 4) ?? [], Bytes(reader, 5)) is not { } record) return new(stream, seq, "the envelope is not JSON");
        if (record.Stream != stream || record.Seq != seq) return new(stream, seq, "the record belongs in another place");
        if (verifier.Add(record) is { } fault) return fault;
        return RecordColumns.Of(envelope) == ReadColumns(reader, 6) ? null : new(stream, seq, "what is searched differs from what is recorded");
    }

    private RecordColumns ReadColumns(DbDataReader reader, int first)
    {
        return new()
        {
            Kind = reader.GetString(first),
            TimeUs = reader.GetInt64(first + 1),
            CallId = ReadIdOrNull(reader, first + 2),
            OrganizationId = ReadIdOrNull(reader, first + 3),
            ProjectId = ReadIdOrNull(reader, first + 4),
            Decision = Text(5),
            Tool = Text(6),
            Rule = Text(7),
            Reason = Text(8),
            Status = Text(9),
            DurationUs = reader.IsDBNull(first + 10) ? null : reader.GetInt64(first + 10),
            Agent = Text(11),
            KeyId = Text(12),
            Source = Text(13),
            Action = Text(14),
            Actor = Text(15),
            Method = Text(16),
        };

        string? Text(int column) => reader.IsDBNull(first + column) ? null : reader.GetString(first + column);
    }

    private async Task<IReadOnlyList<long>> ReadAllScopesAsync(DbConnection connection, Guid organization, CancellationToken ct)
    {
        await using var command = connection.Command("SELECT scope_id FROM audit_scopes WHERE organization_id = @organization", [("organization", Id(organization))]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var scopes = new List<long>();
        while (await reader.ReadAsync(ct)) scopes.Add(reader.GetInt64(0));
        return scopes;
    }

    private async Task<bool> IsInAsync(DbConnection connection, Guid stream, IReadOnlyList<long> scopes, CancellationToken ct)
    {
        var sql = $"SELECT 1 FROM audit_records WHERE stream_id = @stream AND scope_id IN ({EntrySearch.List(scopes)}) LIMIT 1";
        return await connection.ReadScalarAsync(sql, [("stream", Id(stream))], ct) is not null;
    }

    /// <summary>The links that opening records name of streams before them: each must be found there.</summary>
    private static async Task<Dictionary<Guid, HashSet<string>>> ReadNamedLinksAsync(DbConnection connection, CancellationToken ct)
    {
        await using var command = connection.Command("SELECT r.envelope FROM audit_streams s JOIN audit_records r ON r.stream_id = s.stream_id AND r.seq = 1", []);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var named = new Dictionary<Guid, HashSet<string>>();
        while (await reader.ReadAsync(ct))
        {
            if (!JsonTree.TryRead(reader.GetFieldValue<byte[]>(0), JsonLimits.Message, out var tree, out _)) continue;
            using (tree)
            {
                if (!Guid.TryParseExact(tree!.Root["previous_stream"u8].AsString(), "D", out var previous) || tree.Root["previous_hash"u8].AsString() is not { } link) continue;
                if (!named.TryGetValue(previous, out var links)) named[previous] = links = [];
                links.Add(link);
            }
        }

        return named;
    }
}
