using System.Globalization;

namespace McpShield.Contracts.Client;

/// <summary><c>/usage</c></summary>
public sealed class UsageClient
{
    private readonly ShieldTransport api;

    internal UsageClient(ShieldTransport api) => this.api = api;

    /// <summary>The last days, of the caller's organization or of <paramref name="organizationId"/>.</summary>
    public Task<UsageSummaryResponse> SummaryAsync(CancellationToken ct, int? days = null, Guid? projectId = null, string? by = null, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get,
        ShieldTransport.Query("/usage/summary", ("days", days?.ToString(CultureInfo.InvariantCulture)), ("project_id", projectId?.ToString("D")), ("by", by), ("organization_id", organizationId?.ToString("D"))),
        UsageJson.Default.UsageSummaryResponse,
        ct);

    /// <summary>A calendar month; without one, this.</summary>
    public Task<UsageMonthlyResponse> MonthlyAsync(CancellationToken ct, int? year = null, int? month = null, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get,
        ShieldTransport.Query("/usage/monthly", ("year", year?.ToString(CultureInfo.InvariantCulture)), ("month", month?.ToString(CultureInfo.InvariantCulture)), ("organization_id", organizationId?.ToString("D"))),
        UsageJson.Default.UsageMonthlyResponse,
        ct);
}
