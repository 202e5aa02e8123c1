using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace McpShield.Contracts.Client;

/// <summary>Which entries are wanted; what is <c>null</c> restricts nothing.</summary>
/// <param name="From">Not before.</param>
/// <param name="To">Before.</param>
/// <param name="Decision"><c>allow</c>, <c>deny</c> or <c>approve</c>.</param>
/// <param name="ProjectId">The project.</param>
/// <param name="Tool">The qualified tool.</param>
/// <param name="Rule">The rule that decided.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Kind"><c>decision</c> or <c>action</c>.</param>
/// <param name="Source"><c>enforced</c> or <c>reported</c>.</param>
/// <param name="Text">A text in tool, rule, agent, action, reason or message.</param>
/// <param name="Cursor">Where the page before ended.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="OrganizationId">Another organization than one's own.</param>
public sealed record AuditsQuery(
    DateTimeOffset? From = null, DateTimeOffset? To = null, string? Decision = null, Guid? ProjectId = null, string? Tool = null, string? Rule = null, Guid? KeyId = null, string? Agent = null,
    string? Kind = null, string? Source = null, string? Text = null, string? Cursor = null, int? Limit = null, Guid? OrganizationId = null);

/// <summary><c>/audits</c></summary>
public sealed class AuditsClient
{
    private readonly ShieldTransport api;

    internal AuditsClient(ShieldTransport api) => this.api = api;

    /// <summary>A page of entries, newest first.</summary>
    public Task<Page<AuditResponse>> ListAsync(AuditsQuery query, CancellationToken ct) => api.SendAsync(HttpMethod.Get, Path("/audits", query), AuditsJson.Default.PageAuditResponse, ct);

    /// <summary>Everything on record about one call or action.</summary>
    public Task<AuditStoryResponse> GetAsync(Guid id, CancellationToken ct, Guid? organizationId = null) =>
        api.SendAsync(HttpMethod.Get, ShieldTransport.Query($"/audits/{id:D}", ("organization_id", organizationId?.ToString("D"))), AuditsJson.Default.AuditStoryResponse, ct);

    /// <summary>Checks the chain.</summary>
    public Task<AuditVerificationResponse> VerifyAsync(CancellationToken ct, Guid? organizationId = null) =>
        api.SendAsync(HttpMethod.Get, ShieldTransport.Query("/audits/verify", ("organization_id", organizationId?.ToString("D"))), AuditsJson.Default.AuditVerificationResponse, ct);

    /// <summary>All entries, oldest first, as <c>jsonl</c> or <c>csv</c>; to be disposed.</summary>
    public async Task<Stream> ExportAsync(AuditsQuery query, string format, CancellationToken ct)
    {
        var path = Path("/audits/export", query);
        var answer = await api.SendAsync(HttpMethod.Get, path + (path.Contains('?', StringComparison.Ordinal) ? '&' : '?') + "format=" + format, content: null, ct, prepare: null);
        return await answer.Content.ReadAsStreamAsync(ct);
    }

    /// <summary>Entries as they are written, until the access token's time is over.</summary>
    public async IAsyncEnumerable<AuditResponse> StreamAsync([EnumeratorCancellation] CancellationToken ct, Guid? projectId = null, Guid? organizationId = null)
    {
        using var answer = await api.SendAsync(HttpMethod.Get, Path("/audits/stream", new(ProjectId: projectId, OrganizationId: organizationId)), content: null, ct, prepare: null);
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(ct))
        {
            if (item.EventType == "audit") yield return JsonSerializer.Deserialize(item.Data, AuditsJson.Default.AuditResponse)!;
        }
    }

    private static string Path(string path, AuditsQuery query) => ShieldTransport.Query(
        path,
        ("from", query.From?.ToString("O", CultureInfo.InvariantCulture)), ("to", query.To?.ToString("O", CultureInfo.InvariantCulture)), ("decision", query.Decision), ("project_id", query.ProjectId?.ToString("D")),
        ("tool", query.Tool), ("rule", query.Rule), ("key_id", query.KeyId?.ToString("D")), ("agent", query.Agent), ("kind", query.Kind), ("source", query.Source), ("q", query.Text), ("cursor", query.Cursor),
        ("limit", query.Limit?.ToString(CultureInfo.InvariantCulture)), ("organization_id", query.OrganizationId?.ToString("D")));
}
