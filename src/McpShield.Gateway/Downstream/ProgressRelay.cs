using McpShield.Gateway.Protocol;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Downstream;

/// <summary>Carries an upstream's progress to the agent that asked for it, under the agent's own token.</summary>
internal sealed class ProgressRelay : IProgress<UpstreamProgress>
{
    private readonly byte[] token;
    private readonly IAgentStream stream;

    private ProgressRelay(byte[] token, IAgentStream stream) => (this.token, this.stream) = (token, stream);

    /// <summary>A relay when the request carries a token and there is somewhere to send progress, else <c>null</c>.</summary>
    public static ProgressRelay? For(RpcMessage message, IAgentStream? stream)
    {
        var token = message.Meta["progressToken"u8];
        return stream is not null && token.Kind is JsonKind.String or JsonKind.Number && token.Raw.Length <= 256
            ? new(token.Raw.ToArray(), stream!)
            : null;
    }

    public void Report(UpstreamProgress value) => stream.Post(Notifications.Progress(token, value.Tree.Root["params"u8], value.HasText));
}
