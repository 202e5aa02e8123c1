using McpShield.Audit;
using McpShield.Gateway.Asking;
using McpShield.Gateway.Enforcement;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Redaction;
using McpShield.Policy.Sessions;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway;

/// <summary>What a host knows of a project that agents call.</summary>
/// <param name="OrganizationId">Its organization; empty for a local gateway.</param>
/// <param name="ProjectId">Its id; empty for a local gateway.</param>
/// <param name="Name">Its name.</param>
/// <param name="Environment"><c>dev</c>, <c>staging</c>, <c>prod</c>, or <c>null</c>.</param>
public sealed record ProjectIdentity(Guid OrganizationId, Guid ProjectId, string Name, string? Environment);

/// <summary>What every project of a host shares.</summary>
/// <param name="Audit">The log that a decision is committed to before its call is forwarded.</param>
/// <param name="Clock">Time.</param>
/// <param name="Loggers">Where operators read.</param>
/// <param name="Version">The gateway's version, told to agents and servers.</param>
/// <param name="Limits">What upstreams may cost.</param>
public sealed record GatewayServices(AuditLog Audit, TimeProvider Clock, ILoggerFactory Loggers, string Version, UpstreamLimits Limits)
{
    /// <summary>What the copies of the host share; <c>null</c> where there is only this one.</summary>
    public SharedState? Shared { get; init; }
}

/// <summary>One project as it runs in this process: its policy of the moment, its upstreams, its tools.</summary>
public sealed partial class GatewayProject : IAsyncDisposable
{
    private readonly UpstreamFactory factory;
    private readonly Lock notifying = new();
    private volatile Listing? listing;
    private volatile CompiledPolicy policy;
    private Action? toolsChanged;
    private long refusedUntilTicks;

    /// <summary>Creates it; nothing is started or connected yet.</summary>
    public GatewayProject(ProjectIdentity identity, CompiledPolicy policy, IEnumerable<UpstreamSpec> upstreams, GatewayServices services)
    {
        (Identity, this.policy, Services) = (identity, policy, services);
        var records = new RecordKeeper(services.Audit, services.Loggers.CreateLogger<RecordKeeper>());
        var questions = new QuestionPipeline(this, records);
        factory = new(services, questions.HandleAsync);
        Upstreams = new(upstreams.Select(factory.Create), services.Limits, services.Clock, services.Loggers.CreateLogger<UpstreamSet>());
        Upstreams.Changed += NotifyToolsChanged;
        Upstreams.Offer(policy.ServerRequests);
        Sessions = services.Shared?.Sessions ?? new SessionStateTable(services.Clock);
        Limits = services.Shared is { } shared ? new(shared.Limits, $"{identity.ProjectId:N} ", services.Loggers.CreateLogger<RateLimiter>()) : new();
        Filters = new(services.Audit.DeriveKey($"redaction {identity.OrganizationId:D}"));
        Pipeline = new(this, records);
    }

    /// <summary>Who this is.</summary>
    public ProjectIdentity Identity { get; }

    /// <summary>The policy in force. Swapped whole: a call is decided by the one it read first.</summary>
    public CompiledPolicy Policy => policy;

    /// <summary>Until then every call is refused, because the plan's events are used up; <c>null</c>: none is.</summary>
    public DateTimeOffset? RefusedUntil
    {
        get => Volatile.Read(ref refusedUntilTicks) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : null;
        set => Volatile.Write(ref refusedUntilTicks, value?.UtcTicks ?? 0);
    }

    internal GatewayServices Services { get; }

    internal UpstreamSet Upstreams { get; }

    internal CallPipeline Pipeline { get; }

    internal RateLimiter Limits { get; }

    internal ISessionStateStore Sessions { get; }

    internal PolicyFilters Filters { get; }

    /// <summary>Puts another policy in force, from the next call on, and tells the agents that their tools may differ.</summary>
    public void UsePolicy(CompiledPolicy next)
    {
        policy = next;
        Upstreams.Offer(next.ServerRequests);
        NotifyToolsChanged();
    }

    /// <summary>Whether a call that came at <paramref name="moment"/> is refused for the plan's sake.</summary>
    internal bool RefusesAt(DateTimeOffset moment) => moment.UtcTicks < Volatile.Read(ref refusedUntilTicks);

    /// <summary>Connects every upstream now. The failures, by name, where there are any; the others work.</summary>
    public Task<IReadOnlyList<(string Name, UpstreamException Failure)>> ConnectAsync(CancellationToken ct) => Upstreams.ConnectAllAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Upstreams.DisposeAsync();
        factory.Dispose();
    }

    /// <summary>The tools an agent is shown, as JSON; made once for a policy and a catalogue.</summary>
    internal async ValueTask<byte[]> ListingAsync(CancellationToken ct)
    {
        var catalogue = await Upstreams.CatalogueAsync(ct);
        var current = policy;
        if (listing is { } known && ReferenceEquals(known.Policy, current) && ReferenceEquals(known.Catalogue, catalogue)) return known.Json;
        var made = new Listing(current, catalogue, catalogue.WriteListing(current));
        listing = made;
        return made.Json;
    }

    /// <summary>Calls <paramref name="listener"/> whenever the tools may have changed, until the result is disposed.</summary>
    internal IDisposable OnToolsChanged(Action listener)
    {
        lock (notifying) toolsChanged += listener;
        return new Subscription(this, listener);
    }

    private void NotifyToolsChanged()
    {
        Action? listeners;
        lock (notifying) listeners = toolsChanged;
        listeners?.Invoke();
    }

    private sealed record Listing(CompiledPolicy Policy, ToolCatalogue Catalogue, byte[] Json);

    private sealed class Subscription(GatewayProject project, Action listener) : IDisposable
    {
        public void Dispose()
        {
            lock (project.notifying) project.toolsChanged -= listener;
        }
    }
}
