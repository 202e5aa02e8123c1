using McpShield.Gateway.Asking;

namespace McpShield.Gateway.Upstream;

/// <summary>The connections to one server that belong to one agent session each. They end with their session, or make room when idle.</summary>
internal sealed class SessionConnections(McpConnectionSettings settings) : IAsyncDisposable
{
    private readonly Dictionary<AskableAgent, McpConnection> connections = [];
    private readonly HashSet<McpConnection> leaving = [];
    private bool disposed;

    /// <summary>The session's own connection, held for the caller; <c>null</c> when there is no room for one.</summary>
    public McpConnection? Enter(CallQuestions questions)
    {
        lock (connections)
        {
            // Another policy may have come: what the server was told it may ask for no longer holds.
            if (connections.TryGetValue(questions.Agent, out var known) && known.Abilities == questions.Offered && known.TryEnter()) return known;
            if (disposed || questions.Agent.Ended.IsCancellationRequested || (known is null && !MakeRoom())) return null;
            if (known is not null) Retire(known);
            var made = new McpConnection(settings, questions.Offered, isShared: false);
            made.TryEnter();
            connections[questions.Agent] = made;
            if (known is null) questions.Agent.Ended.Register(() => Forget(questions.Agent));
            return made;
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<McpConnection> all;
        lock (connections)
        {
            disposed = true;
            all = [.. connections.Values, .. leaving];
            connections.Clear();
        }

        await Task.WhenAll(all.Select(static one => one.DisposeAsync().AsTask()));
    }

    /// <summary>Ends a connection when nobody holds it any more.</summary>
    // Remembered until it is gone, so that whoever ends the project waits for the process behind it.
    public void Retire(McpConnection connection)
    {
        lock (connections) leaving.Add(connection);
        connection.Retire();
        _ = connection.Ended.ContinueWith(
            _ =>
            {
                lock (connections) leaving.Remove(connection);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    // THREAT: one process a session is a way to fill a machine. There is an end to them, and who is busy keeps its own.
    private bool MakeRoom()
    {
        if (connections.Count < settings.Services.Limits.MaxSessionConnections) return true;
        var idle = connections.Where(static one => !one.Value.IsBusy).OrderBy(static one => one.Value.LastUsed).FirstOrDefault();
        if (idle.Value is null) return false;
        connections.Remove(idle.Key);
        Retire(idle.Value);
        return true;
    }

    private void Forget(AskableAgent agent)
    {
        lock (connections)
        {
            if (connections.Remove(agent, out var connection)) Retire(connection);
        }
    }
}
