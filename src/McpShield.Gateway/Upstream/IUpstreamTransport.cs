using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>Carries JSON-RPC messages to one MCP server and its answers back.</summary>
internal interface IUpstreamTransport : IAsyncDisposable
{
    /// <summary>Whether it still makes sense to send something.</summary>
    bool IsAlive { get; }

    /// <summary>Sends a request and waits for the response with the same id. The caller disposes the tree.</summary>
    Task<JsonTree> RequestAsync(long id, ReadOnlyMemory<byte> message, CancellationToken ct);

    /// <summary>Sends a notification, or the answer to something the server asked.</summary>
    Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken ct);

    /// <summary>Tells the transport what the handshake agreed on.</summary>
    void Agreed(string protocolVersion);
}
