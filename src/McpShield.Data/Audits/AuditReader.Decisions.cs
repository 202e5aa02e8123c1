namespace McpShield.Data.Audits;

public abstract partial class AuditReader
{
    private const int MostNamedDecisions = 500;

    /// <summary>Which of <paramref name="named"/> are decisions of ours in a project, each with the method by which it was asked for.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> FindDecisionsAsync(Guid project, IReadOnlyCollection<Guid> named, CancellationToken ct)
    {
        var found = new Dictionary<Guid, string>();
        if (named.Count == 0) return found;
        await using var connection = await OpenAsync(ct);
        foreach (var some in named.Distinct().Chunk(MostNamedDecisions))
        {
            var sql = $"SELECT call_id, method FROM audit_records WHERE kind = 'decision' AND source = 'enforced' AND project_id = @project AND call_id IN ({string.Join(", ", some.Select(static (_, i) => $"@c{i}"))})";
            await using var command = connection.Command(sql, [("project", Id(project)), .. some.Select((one, i) => ($"c{i}", (object?)Id(one)))]);
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) found[ReadId(reader, 0)] = reader.IsDBNull(1) ? "" : reader.GetString(1);
        }

        return found;
    }
}
