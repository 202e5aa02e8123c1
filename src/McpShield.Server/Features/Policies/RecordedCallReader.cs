using System.Text;
using System.Text.Json;
using McpShield.Audit;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

/// <summary>A call to be asked again.</summary>
/// <param name="Call">The call.</param>
/// <param name="CallId">Its id in the audit log, where it comes from there.</param>
/// <param name="Recorded">What was decided then.</param>
internal sealed record CallToTry(CallText Call, Guid? CallId, string? Recorded);

/// <summary>Calls of a project as they stand in the audit log, as far as they can be asked again.</summary>
internal sealed class RecordedCallReader(AuditReader audits, ShieldDb db)
{
    /// <summary>The newest <paramref name="limit"/> calls, oldest first, and how many more were found whose arguments are no longer kept.</summary>
    public async Task<(IReadOnlyList<CallToTry> Calls, int Skipped)> ReadAsync(Guid organization, Guid project, string environment, DateTimeOffset from, int limit, CancellationToken ct)
    {
        var (calls, skipped, seen) = (new List<CallToTry>(), 0, 0);
        var principals = await PrincipalsAsync(project, ct);
        var query = new AuditQuery { Scope = AuditScope.Of(organization, [project]), Kind = "decision", Source = "enforced", From = from, Limit = Math.Min(limit, AuditQuery.MostEntries) };
        while (seen < limit)
        {
            var page = await audits.ListAsync(query, ct);
            foreach (var entry in page.Entries.Take(limit - seen))
            {
                seen++;
                if (entry.Tool is null || !entry.HasPayload || await audits.FindAsync(organization, entry.CallId, ct) is not { Payload: { } payload }) skipped++;
                else calls.Add(new(Call(entry, payload, principals, organization, environment), entry.CallId, entry.Decision));
            }

            if (page.NextCursor is null) break;
            query = query with { Cursor = page.NextCursor };
        }

        calls.Reverse();
        return (calls, skipped);
    }

    private static CallText Call(AuditEntry entry, string payload, Dictionary<string, (List<string> Roles, List<string> Scopes)> principals, Guid organization, string environment)
    {
        var (roles, scopes) = principals.GetValueOrDefault(entry.Key ?? "", ([], []));
        return new(entry.Tool!, Arguments(payload), new()
        {
            Principal = new() { Agent = entry.Agent ?? "", User = entry.User ?? "", Key = entry.Key ?? "", Organization = organization.ToString("D"), Roles = roles, Scopes = scopes },
            Time = entry.Time,
            ClientIp = entry.ClientIp,
            Environment = environment,
        });
    }

    private static byte[] Arguments(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.TryGetProperty("arguments", out var arguments) ? Encoding.UTF8.GetBytes(arguments.GetRawText()) : "{}"u8.ToArray();
    }

    private async Task<Dictionary<string, (List<string> Roles, List<string> Scopes)>> PrincipalsAsync(Guid project, CancellationToken ct)
    {
        var keys = await db.ApiKeys.AsNoTracking().Where(key => key.ProjectId == project).Select(static key => new { key.Id, key.Roles, key.Scopes }).ToListAsync(ct);
        return keys.ToDictionary(static key => key.Id.ToString("D"), static key => (key.Roles, key.Scopes), StringComparer.Ordinal);
    }
}
