namespace McpShield.Gateway.Downstream;

/// <summary>Where messages go that the gateway sends an agent beside its answers.</summary>
internal interface IAgentStream
{
    /// <summary>Queues one message. It may be dropped when the agent does not read: these are hints, never facts.</summary>
    void Post(byte[] message);
}
