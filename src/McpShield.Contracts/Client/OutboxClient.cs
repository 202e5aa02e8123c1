namespace McpShield.Contracts.Client;

/// <summary><c>/dev/outbox</c>: mails of a development server without a mail server.</summary>
public sealed class OutboxClient
{
    private readonly ShieldTransport api;

    internal OutboxClient(ShieldTransport api) => this.api = api;

    /// <summary>The newest mails, all or those to one address.</summary>
    public Task<Page<OutboxMailResponse>> ListAsync(CancellationToken ct, string? to = null) => api.SendAsync(HttpMethod.Get, ShieldTransport.Query("/dev/outbox", ("to", to)), OutboxJson.Default.PageOutboxMailResponse, ct);
}
