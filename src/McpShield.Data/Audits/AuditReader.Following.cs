using System.Data.Common;

namespace McpShield.Data.Audits;

public abstract partial class AuditReader
{
    private const int MostStreamsAtOnce = 500;

    /// <summary>How far every stream is written now: where to begin when only what follows is wanted.</summary>
    public async Task<IReadOnlyDictionary<Guid, long>> ReadHeadsAsync(CancellationToken ct)
    {
        const string Sql =
            """
            SELECT s.stream_id, (SELECT max(r.seq) FROM audit_records r WHERE r.stream_id = s.stream_id) AS seq,
                   (SELECT r.kind FROM audit_records r WHERE r.stream_id = s.stream_id ORDER BY r.seq DESC LIMIT 1) AS kind
            FROM audit_streams s
            """;
        await using var connection = await OpenAsync(ct);
        await using var command = connection.Command(Sql, []);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var heads = new Dictionary<Guid, long>();
        while (await reader.ReadAsync(ct)) heads[ReadId(reader, 0)] = reader.IsDBNull(1) ? 0 : reader.GetString(2) == "sealed" ? Ended : reader.GetInt64(1);
        return heads;
    }

    /// <summary>What was appended after <paramref name="heads"/>, about <paramref name="most"/> records at once; a stream that they do not name is read from its beginning.</summary>
    /// <remarks>
    /// INVARIANT: nothing is missed. Streams are written side by side and commit in any order, so no single position in time would do; within
    /// a stream the numbers have no gap and become visible in order.
    /// </remarks>
    public async Task<AppendedRecords> ReadAfterAsync(IReadOnlyDictionary<Guid, long> heads, int most, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        var grown = new List<(Guid Stream, long Seq)>();
        foreach (var some in (await ReadStreamsAsync(connection, ct)).Select(stream => (Stream: stream, Seq: heads.GetValueOrDefault(stream))).Where(static one => one.Seq != Ended).Chunk(MostStreamsAtOnce))
        {
            grown.AddRange(await FindGrownAsync(connection, some, ct));
        }

        var (after, records, hasMore) = (new Dictionary<Guid, long>(heads), new List<AppendedRecord>(), false);
        var share = Math.Max(1, most / Math.Max(1, grown.Count));
        foreach (var (stream, seq) in grown.Take(most))
        {
            var added = await ReadAfterAsync(connection, stream, seq, share, ct);
            records.AddRange(added);
            hasMore |= added.Count == share;
            if (added.Count > 0) after[stream] = added[^1].Kind == "sealed" ? Ended : added[^1].Seq;
        }

        return new(records, after, hasMore || grown.Count > most);
    }

    private async Task<List<Guid>> ReadStreamsAsync(DbConnection connection, CancellationToken ct)
    {
        await using var command = connection.Command("SELECT stream_id FROM audit_streams ORDER BY opened_us, stream_id", []);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var streams = new List<Guid>();
        while (await reader.ReadAsync(ct)) streams.Add(ReadId(reader, 0));
        return streams;
    }

    private async Task<List<(Guid Stream, long Seq)>> FindGrownAsync(DbConnection connection, (Guid Stream, long Seq)[] of, CancellationToken ct)
    {
        var values = string.Join(", ", of.Select(static (_, i) => $"(@s{i}, @q{i})"));
        var sql = $"WITH k (stream_id, seq) AS (VALUES {values}) SELECT k.stream_id, k.seq FROM k WHERE EXISTS (SELECT 1 FROM audit_records r WHERE r.stream_id = k.stream_id AND r.seq > k.seq)";
        await using var command = connection.Command(sql, [.. of.SelectMany((one, i) => new (string, object?)[] { ($"s{i}", Id(one.Stream)), ($"q{i}", one.Seq) })]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var grown = new List<(Guid, long)>();
        while (await reader.ReadAsync(ct)) grown.Add((ReadId(reader, 0), reader.GetInt64(1)));
        return grown;
    }

    private async Task<List<AppendedRecord>> ReadAfterAsync(DbConnection connection, Guid stream, long seq, int most, CancellationToken ct)
    {
        const string Sql =
            """
            SELECT r.seq, r.kind, r.time_us, r.call_id, coalesce(r.organization_id, d.organization_id), coalesce(r.project_id, d.project_id), r.decision, r.source, r.tool, r.rule, r.reason,
                   r.agent, r.key_id, r.action, r.status, r.duration_us
            FROM audit_records r LEFT JOIN audit_records d ON r.kind = 'outcome' AND d.call_id = r.call_id AND d.kind = 'decision'
            WHERE r.stream_id = @stream AND r.seq > @seq ORDER BY r.seq LIMIT @most
            """;
        await using var command = connection.Command(Sql, [("stream", Id(stream)), ("seq", seq), ("most", most)]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var records = new List<AppendedRecord>();
        while (await reader.ReadAsync(ct))
        {
            records.Add(new()
            {
                Stream = stream,
                Seq = reader.GetInt64(0),
                Kind = reader.GetString(1),
                Time = Moment(reader.GetInt64(2)),
                CallId = ReadIdOrNull(reader, 3),
                OrganizationId = ReadIdOrNull(reader, 4),
                ProjectId = ReadIdOrNull(reader, 5),
                Decision = Text(6),
                Source = Text(7),
                Tool = Text(8),
                Rule = Text(9),
                Reason = Text(10),
                Agent = Text(11),
                KeyId = Text(12),
                Action = Text(13),
                Status = Text(14),
                DurationUs = reader.IsDBNull(15) ? null : reader.GetInt64(15),
            });
        }

        return records;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private Guid? ReadIdOrNull(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : ReadId(reader, column);

    private static DateTimeOffset Moment(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
