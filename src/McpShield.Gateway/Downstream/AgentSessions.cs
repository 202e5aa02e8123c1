using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using McpShield.Gateway.Protocol;

namespace McpShield.Gateway.Downstream;

/// <summary>One conversation of the <c>initialize</c> era over HTTP.</summary>
/// <param name="id">What the agent sends in <c>Mcp-Session-Id</c>.</param>
/// <param name="key">The key that opened it; no other key may use it.</param>
/// <param name="exchange">What the handshake agreed on.</param>
internal sealed class AgentSession(string id, string key, Exchange exchange)
{
    private CancellationTokenSource? listening;

    public string Id { get; } = id;

    public string Key { get; } = key;

    public Exchange Exchange { get; } = exchange;

    /// <summary>What runs, by request id, so that the agent can cancel it.</summary>
    public ConcurrentDictionary<string, CancellationTokenSource> Running { get; } = new(StringComparer.Ordinal);

    public long LastUsed { get; set; }

    public bool IsListening => Volatile.Read(ref listening) is not null;

    /// <summary>Makes <paramref name="stream"/> the one that carries notifications. An older one ends: a client that reconnects has given it up.</summary>
    public void Listen(CancellationTokenSource stream) => End(Interlocked.Exchange(ref listening, stream));

    public void StopListening(CancellationTokenSource stream) => Interlocked.CompareExchange(ref listening, null, stream);

    /// <summary>Cancels everything that belongs to it.</summary>
    public void End()
    {
        End(Interlocked.Exchange(ref listening, null));
        Exchange.Askable?.Dispose();
        foreach (var call in Running.Values) End(call);
    }

    private static void End(CancellationTokenSource? source)
    {
        try
        {
            source?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in the same moment.
        }
    }
}

/// <summary>The sessions of this process. They hold no rights: every request brings its key, and the session must be that key's own.</summary>
internal sealed class AgentSessions : IDisposable
{
    private const int MaxSessions = 10_000;
    private const int MaxPerKey = 200;
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, AgentSession> sessions = new(StringComparer.Ordinal);
    private readonly TimeProvider clock;
    private readonly ITimer sweeping;

    public AgentSessions(TimeProvider clock)
    {
        this.clock = clock;
        sweeping = clock.CreateTimer(static state => ((AgentSessions)state!).Sweep(), this, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>A new session, or <c>null</c> when there are too many.</summary>
    public AgentSession? Open(string key, Exchange exchange)
    {
        // THREAT: one key that opens sessions without end would lock out all others. It loses its own oldest instead.
        var own = sessions.Values.Where(session => session.Key == key).ToList();
        if (own.Count >= MaxPerKey) Close(own.MinBy(static session => session.LastUsed)!);
        if (sessions.Count >= MaxSessions) Sweep();
        if (sessions.Count >= MaxSessions) return null;

        // THREAT: a guessed id. 256 bits, and even the right one is of no use without its key.
        var session = new AgentSession(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)), key, exchange) { LastUsed = clock.GetTimestamp() };
        sessions[session.Id] = session;
        return session;
    }

    /// <summary>The session, when it exists and belongs to <paramref name="key"/>; a stranger's looks like none.</summary>
    public AgentSession? Find(string id, string key)
    {
        if (!sessions.TryGetValue(id, out var session) || session.Key != key) return null;
        session.LastUsed = clock.GetTimestamp();
        return session;
    }

    public void Close(AgentSession session)
    {
        if (sessions.TryRemove(session.Id, out _)) session.End();
    }

    public void Dispose()
    {
        sweeping.Dispose();
        foreach (var session in sessions.Values) session.End();
    }

    private void Sweep()
    {
        foreach (var session in sessions.Values)
        {
            if (!session.IsListening && session.Running.IsEmpty && clock.GetElapsedTime(session.LastUsed) > IdleTime) Close(session);
        }
    }
}
