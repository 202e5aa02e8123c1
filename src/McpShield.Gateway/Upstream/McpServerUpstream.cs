using System.Collections.Immutable;
using McpShield.Gateway.Asking;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>An MCP server: one connection that agents share, and one for each session of an agent that the server may ask something.</summary>
internal sealed class McpServerUpstream(McpConnectionSettings settings) : IUpstream
{
    private readonly SessionConnections sessions = new(settings);
    private McpConnection shared = new(settings, default, isShared: true);

    public string Name => settings.Server;

    public Action? ToolsChanged
    {
        get;
        set
        {
            field = value;
            shared.ToolsChanged = value;
        }
    }

    // The shared connection lists the tools, so it announces all that the policy allows: servers leave out tools that could not ask.
    public void Offer(ServerRequests allowed)
    {
        var abilities = AgentAbilities.Of(allowed);
        if (shared.Abilities == abilities) return;
        sessions.Retire(Interlocked.Exchange(ref shared, new(settings, abilities, isShared: true) { ToolsChanged = ToolsChanged }));
        ToolsChanged?.Invoke();
    }

    public ValueTask<PreparedCall> PrepareAsync(ToolDefinition tool, JsonView arguments, CancellationToken ct) => new(new PreparedCall(tool, arguments));

    public async Task<ImmutableArray<ToolDefinition>> ListToolsAsync(CancellationToken ct)
    {
        var connection = EnterShared();
        try
        {
            return await connection.ListToolsAsync(ct);
        }
        finally
        {
            connection.Leave();
        }
    }

    public async Task<UpstreamAnswer> CallAsync(PreparedCall call, IProgress<UpstreamProgress>? progress, CallQuestions? questions, CancellationToken ct)
    {
        // Without room for one more connection the call goes where nobody can be asked.
        var connection = (questions is null ? null : sessions.Enter(questions)) ?? EnterShared();
        try
        {
            return await connection.CallAsync(call, progress, questions, ct);
        }
        finally
        {
            connection.Leave();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await sessions.DisposeAsync();
        await shared.DisposeAsync();
    }

    private McpConnection EnterShared()
    {
        while (true)
        {
            var connection = Volatile.Read(ref shared);
            if (connection.TryEnter()) return connection;
        }
    }
}
