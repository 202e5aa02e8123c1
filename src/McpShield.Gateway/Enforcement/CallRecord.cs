using System.Buffers;
using McpShield.Audit;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Redaction;

namespace McpShield.Gateway.Enforcement;

/// <summary>What is known of one call while it is handled, and the two records made of it.</summary>
internal sealed class CallRecord
{
    private static readonly Redactor Secrets = new([Filter.OfGroup("secrets")], []);

    private readonly Agent agent;
    private readonly Exchange exchange;
    private readonly string? method;
    private readonly string? policyHash;
    private readonly TimeProvider clock;
    private readonly DateTimeOffset arrived;

    public CallRecord(Agent agent, Exchange exchange, string? method, string? policyHash, TimeProvider clock)
    {
        (this.agent, this.exchange, this.method, this.policyHash, this.clock) = (agent, exchange, method, policyHash, clock);
        arrived = clock.GetUtcNow();
        CallId = Guid.CreateVersion7(arrived);
    }

    public Guid CallId { get; }

    public string? Tool { get; set; }

    public string? ToolPin { get; set; }

    public JsonView Arguments { get; set; }

    /// <summary>The decision was put on record and not enforced.</summary>
    public bool IsShadow { get; set; }

    public DateTimeOffset Arrived => arrived;

    /// <summary>The circumstances, from the authenticated key and the connection, never from arguments.</summary>
    public CallContext Context(SessionState session) => new()
    {
        Session = session,
        Principal = agent.Principal,
        Time = arrived,
        ClientIp = agent.ClientIp,
        Environment = agent.Project.Identity.Environment,
    };

    public DecisionRecord Decided(Decision decision) => new()
    {
        CallId = CallId,
        Time = arrived,
        OrganizationId = agent.Project.Identity.OrganizationId,
        ProjectId = agent.Project.Identity.ProjectId,
        Principal = agent.Principal,
        Client = exchange.Client,
        ClientIp = agent.ClientIp,
        Transport = agent.Transport,
        ProtocolVersion = exchange.Revision,
        Method = method is { Length: > 128 } ? method[..128] : method,
        Tool = Tool is { Length: > 200 } ? Tool[..200] : Tool,
        ToolPin = ToolPin,
        PolicyHash = policyHash,
        Decision = decision,
        IsShadow = IsShadow,
        Arguments = Compact(Arguments),
    };

    public OutcomeRecord Ended(CallStatus status, TimeSpan duration, long bytes, string? error) => new()
    {
        CallId = CallId,
        Time = clock.GetUtcNow(),
        Status = status,
        Duration = duration,
        ResultBytes = bytes,
        Error = error,
    };

    // The record outlives the message: its arguments are a copy. THREAT: an agent that sends a password puts it into a log that is kept
    // for years and read by many; so secrets are masked here whatever the policy filters, and what cannot be looked at is not kept.
    private static ReadOnlyMemory<byte>? Compact(JsonView arguments)
    {
        if (!arguments.Exists) return null;
        var redaction = Secrets.Redact(arguments);
        if (redaction.IsBlocked) return null;
        if (redaction.IsChanged) return redaction.Rewritten;
        var copy = new ArrayBufferWriter<byte>(Math.Max(arguments.Raw.Length, 2));
        arguments.WriteTo(copy);
        return copy.WrittenMemory;
    }
}
