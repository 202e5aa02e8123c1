namespace McpShield.Gateway.Downstream;

/// <summary>Where messages go that the gateway sends an agent beside its answers.</summary>
internal interface IAgentStream
{
    /// <summary>Queues one message. It may be dropped when the agent does not read: these are hints, never facts.</summary>
    void Post(byte[] message);

    /// <summary>Sends one message that must not be lost: waits while the agent does not read.</summary>
    ValueTask SendAsync(byte[] message, CancellationToken ct);
}
