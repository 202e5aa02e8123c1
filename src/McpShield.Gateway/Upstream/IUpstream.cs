using System.Collections.Immutable;
using McpShield.Gateway.Asking;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>Something behind the gateway that offers tools: an MCP server, or a database through its adapter.</summary>
internal interface IUpstream : IAsyncDisposable
{
    /// <summary>The server id.</summary>
    string Name { get; }

    /// <summary>Called by the upstream when its tools may have changed.</summary>
    Action? ToolsChanged { get; set; }

    /// <summary>What the policy lets it ask for; where that changes, it connects anew.</summary>
    void Offer(ServerRequests allowed);

    /// <summary>The tools it offers now; connects first where needed. Throws <see cref="UpstreamException"/>.</summary>
    Task<ImmutableArray<ToolDefinition>> ListToolsAsync(CancellationToken ct);

    /// <summary>Looks at a call before it is decided, without running anything.</summary>
    ValueTask<PreparedCall> PrepareAsync(ToolDefinition tool, JsonView arguments, CancellationToken ct);

    /// <summary>Carries out a prepared call. Throws <see cref="UpstreamException"/>.</summary>
    Task<UpstreamAnswer> CallAsync(PreparedCall call, IProgress<UpstreamProgress>? progress, CallQuestions? questions, CancellationToken ct);
}

/// <summary>A call that was looked at and not yet carried out. Holds what the upstream needs to carry out exactly this call.</summary>
internal class PreparedCall(ToolDefinition tool, JsonView arguments) : IDisposable
{
    public ToolDefinition Tool { get; } = tool;

    public JsonView Arguments { get; } = arguments;

    /// <summary>What a database says of the statement; <c>null</c> when the tool takes none.</summary>
    public virtual StatementVerdict? Statement => null;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A progress notification of an upstream, without its token.</summary>
/// <param name="Tree">The notification; alive only while it is reported.</param>
/// <param name="HasText">Whether its text may be shown, and not only how far it is.</param>
internal readonly record struct UpstreamProgress(JsonTree Tree, bool HasText = true);

/// <summary>What an upstream answered: a result or a JSON-RPC error.</summary>
internal sealed class UpstreamAnswer(JsonTree tree, JsonView result, JsonView error) : IDisposable
{
    /// <summary>The result, an object; no value when the answer is an error.</summary>
    public JsonView Result { get; } = result;

    /// <summary>The JSON-RPC error; no value when the answer is a result.</summary>
    public JsonView Error { get; } = error;

    public void Dispose() => tree.Dispose();
}
