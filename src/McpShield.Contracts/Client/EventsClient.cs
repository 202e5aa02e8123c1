namespace McpShield.Contracts.Client;

/// <summary>What programs with a project's key ask: <c>/events/ingest</c>, <c>/policy/evaluate</c>.</summary>
public sealed class EventsClient
{
    private readonly ShieldTransport api;

    internal EventsClient(ShieldTransport api) => this.api = api;

    /// <summary>Reports one event.</summary>
    public Task<IngestResponse> IngestAsync(IngestEvent reported, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, "/events/ingest", reported, EventsJson.Default.IngestEvent, EventsJson.Default.IngestResponse, ct);

    /// <summary>Reports several events.</summary>
    public Task<IngestResponse> IngestAsync(IngestEventsRequest reported, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, "/events/ingest", reported, EventsJson.Default.IngestEventsRequest, EventsJson.Default.IngestResponse, ct);

    /// <summary>Asks for a decision.</summary>
    public Task<EvaluateResponse> EvaluateAsync(EvaluateRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, "/policy/evaluate", request, EvaluationJson.Default.EvaluateRequest, EvaluationJson.Default.EvaluateResponse, ct);
}
