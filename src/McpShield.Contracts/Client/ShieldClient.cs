namespace McpShield.Contracts.Client;

/// <summary>The HTTP API, typed: what the dashboard, the command line and tests use. Safe for concurrent use.</summary>
/// <remarks>Answers that say no are thrown as <see cref="ShieldProblem"/>; an API that cannot be reached, as <see cref="HttpRequestException"/>.</remarks>
public sealed class ShieldClient
{
    /// <summary>A client over <paramref name="http"/>, whose base address is the API's and whose default headers say who asks.</summary>
    public ShieldClient(HttpClient http)
    {
        var api = new ShieldTransport(http);
        Projects = new(api);
        Billing = new(api);
    }

    /// <summary>Projects.</summary>
    public ProjectsClient Projects { get; }

    /// <summary>Plans, the subscription and invoices.</summary>
    public BillingClient Billing { get; }
}
