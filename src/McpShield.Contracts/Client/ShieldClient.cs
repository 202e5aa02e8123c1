namespace McpShield.Contracts.Client;

/// <summary>The HTTP API, typed: what the dashboard, the command line and tests use. Safe for concurrent use.</summary>
/// <remarks>Answers that say no are thrown as <see cref="ShieldProblem"/>; an API that cannot be reached, as <see cref="HttpRequestException"/>.</remarks>
public sealed class ShieldClient
{
    /// <summary>A client over <paramref name="http"/>, whose base address is the API's and whose default headers say who asks.</summary>
    public ShieldClient(HttpClient http)
    {
        var api = new ShieldTransport(http);
        Keys = new(api);
        Organizations = new(api);
        Policies = new(api);
        Projects = new(api);
        Audits = new(api);
        Auth = new(api);
        Me = new(api);
        Outbox = new(api);
        Events = new(api);
        Usage = new(api);
        Billing = new(api);
    }

    /// <summary>Keys of projects.</summary>
    public KeysClient Keys { get; }

    /// <summary>Organizations, their members, and invitations into them.</summary>
    public OrganizationsClient Organizations { get; }

    /// <summary>Policies of projects.</summary>
    public PoliciesClient Policies { get; }

    /// <summary>Projects.</summary>
    public ProjectsClient Projects { get; }

    /// <summary>The audit log.</summary>
    public AuditsClient Audits { get; }

    /// <summary>Accounts and sessions.</summary>
    public AuthClient Auth { get; }

    /// <summary>The caller themselves.</summary>
    public MeClient Me { get; }

    /// <summary>The development outbox.</summary>
    public OutboxClient Outbox { get; }
    /// <summary>Events and decisions, for programs with a key.</summary>
    public EventsClient Events { get; }

    /// <summary>Usage.</summary>
    public UsageClient Usage { get; }
    /// <summary>Plans, the subscription and invoices.</summary>
    public BillingClient Billing { get; }
}
