using System.Globalization;

namespace McpShield.Contracts.Client;

/// <summary><c>/billing</c></summary>
public sealed class BillingClient
{
    private readonly ShieldTransport api;

    internal BillingClient(ShieldTransport api) => this.api = api;

    /// <summary>The plans that are offered.</summary>
    public Task<IReadOnlyList<PlanResponse>> PlansAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Get, "/billing/plans", BillingContractsJson.Default.IReadOnlyListPlanResponse, ct);

    /// <summary>The subscription of the caller's organization, or of <paramref name="organizationId"/>.</summary>
    public Task<SubscriptionResponse> SubscriptionAsync(CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get, Of("/billing/subscription", organizationId), BillingContractsJson.Default.SubscriptionResponse, ct);

    /// <summary>What a change of plan would mean; nothing is changed.</summary>
    public Task<PlanChangeResponse> PreviewAsync(string plan, CancellationToken ct, string interval = "month", Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get, ShieldTransport.Query("/billing/preview", ("plan", plan), ("interval", interval), ("organization_id", organizationId?.ToString("D"))), BillingContractsJson.Default.PlanChangeResponse, ct);

    /// <summary>Changes the plan. The same <paramref name="idempotencyKey"/> does it once.</summary>
    public Task<SubscribeResponse> SubscribeAsync(SubscribeRequest request, CancellationToken ct, Guid? organizationId = null, string? idempotencyKey = null) => api.SendAsync(
        HttpMethod.Post, Of("/billing/subscribe", organizationId), request, BillingContractsJson.Default.SubscribeRequest, BillingContractsJson.Default.SubscribeResponse, ct,
        idempotencyKey is null ? null : message => message.Headers.Add("Idempotency-Key", idempotencyKey));

    /// <summary>Ends the subscription with the period that is paid.</summary>
    public Task<SubscriptionResponse> CancelAsync(CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Post, Of("/billing/cancel", organizationId), BillingContractsJson.Default.SubscriptionResponse, ct);

    /// <summary>A page of the invoices, newest first.</summary>
    public Task<Page<InvoiceResponse>> HistoryAsync(CancellationToken ct, string? cursor = null, int? limit = null, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get, ShieldTransport.Query("/billing/history", ("cursor", cursor), ("limit", limit?.ToString(CultureInfo.InvariantCulture)), ("organization_id", organizationId?.ToString("D"))), BillingContractsJson.Default.PageInvoiceResponse, ct);

    /// <summary>One invoice.</summary>
    public Task<InvoiceResponse> InvoiceAsync(Guid id, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get, Of($"/billing/invoices/{id:D}", organizationId), BillingContractsJson.Default.InvoiceResponse, ct);

    /// <summary>One invoice as a page to print; to be disposed.</summary>
    public Task<HttpResponseMessage> InvoicePageAsync(Guid id, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get, Of($"/billing/invoices/{id:D}.html", organizationId), content: null, ct, prepare: null);

    private static string Of(string path, Guid? organizationId) => ShieldTransport.Query(path, ("organization_id", organizationId?.ToString("D")));
}
