using System.Collections.Concurrent;

namespace McpShield.Gateway.Enforcement;

/// <summary>
/// The sessions of requests that have no transport session: a handle that the gateway minted and the client returns, else the key itself,
/// for half an hour after its last call (policy language, section 6).
/// </summary>
internal sealed class Conversations(TimeProvider clock)
{
    /// <summary>Where the handle stands in <c>_meta</c>, of results and of requests.</summary>
    public const string MetaName = "io.mcpshield/conversation";

    private const int MaxPerKey = 256;
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, KeySessions> keys = new(StringComparer.Ordinal);
    private long lastSweep = clock.GetTimestamp();

    /// <summary>The sessions of a call: the one it is decided by, and those that learn what it gathers.</summary>
    /// <param name="key">The key's identifier.</param>
    /// <param name="handle">What the client returned, or <c>null</c>.</param>
    public Conversation Of(string key, string? handle)
    {
        Sweep();
        var own = keys.GetOrAdd(key, static _ => new());
        lock (own)
        {
            if (clock.GetElapsedTime(own.LastUsed) > IdleTime && own.LastUsed != 0) own.Forget(session => clock.GetElapsedTime(session.LastUsed) > IdleTime);
            own.LastUsed = clock.GetTimestamp();

            // A stranger's handle, or one that is forgotten, is none.
            if (handle is not null && own.ByHandle.TryGetValue(handle, out var known))
            {
                known.LastUsed = own.LastUsed;
                return new(known, own.Whole, handle);
            }

            if (own.ByHandle.Count >= MaxPerKey) own.Forget(session => clock.GetElapsedTime(session.LastUsed) > IdleTime);
            if (own.ByHandle.Count >= MaxPerKey) return new(own.Whole, null, null);

            // THREAT: an agent that drops its handle to be rid of its labels. A new conversation begins with everything that the key
            // has gathered within its half hour, so that nothing is gained.
            var fresh = new Session { LastUsed = own.LastUsed };
            fresh.Inherit(own.Whole);
            own.ByHandle[fresh.Id] = fresh;
            return new(fresh, own.Whole, fresh.Id);
        }
    }

    /// <summary>The session that a caller of the decision point names itself, begun where there is none yet; without a name, the key's own.</summary>
    /// <param name="key">The key's identifier.</param>
    /// <param name="name">The caller's own name for it, which means nothing to another key.</param>
    public Conversation Named(string key, string? name)
    {
        Sweep();
        var own = keys.GetOrAdd(key, static _ => new());
        lock (own)
        {
            if (clock.GetElapsedTime(own.LastUsed) > IdleTime && own.LastUsed != 0) own.Forget(session => clock.GetElapsedTime(session.LastUsed) > IdleTime);
            own.LastUsed = clock.GetTimestamp();
            if (name is null) return new(own.Whole, null, null);
            if (!own.ByHandle.TryGetValue(name, out var session))
            {
                if (own.ByHandle.Count >= MaxPerKey) own.Forget(known => clock.GetElapsedTime(known.LastUsed) > IdleTime);
                if (own.ByHandle.Count >= MaxPerKey) return new(own.Whole, null, null);
                session = new();
                session.Inherit(own.Whole);
                own.ByHandle[name] = session;
            }

            session.LastUsed = own.LastUsed;
            return new(session, own.Whole, name);
        }
    }

    private void Sweep()
    {
        var last = Volatile.Read(ref lastSweep);
        if (clock.GetElapsedTime(last) < IdleTime || Interlocked.CompareExchange(ref lastSweep, clock.GetTimestamp(), last) != last) return;
        foreach (var (key, own) in keys)
        {
            lock (own)
            {
                if (clock.GetElapsedTime(own.LastUsed) > IdleTime) keys.TryRemove(KeyValuePair.Create(key, own));
            }
        }
    }

    private sealed class KeySessions
    {
        public Session Whole { get; private set; } = new();

        public Dictionary<string, Session> ByHandle { get; } = new(StringComparer.Ordinal);

        public long LastUsed { get; set; }

        public void Forget(Func<Session, bool> isIdle)
        {
            foreach (var (handle, session) in ByHandle.ToList())
            {
                if (isIdle(session)) ByHandle.Remove(handle);
            }

            if (ByHandle.Count == 0) Whole = new();
        }
    }
}

/// <summary>Where a call reads its session's state, and where it leaves what it gathers.</summary>
/// <param name="Session">Decides.</param>
/// <param name="Whole">Learns too: the key as a whole; <c>null</c> where there is only one.</param>
/// <param name="Handle">What the client should return with its next request; <c>null</c>: nothing.</param>
internal readonly record struct Conversation(Session Session, Session? Whole, string? Handle)
{
    public void Count(string tool)
    {
        Session.Count(tool);
        if (Whole is null) return;
        lock (Whole.Gate) Whole.Count(tool);
    }

    public void Add(IReadOnlyCollection<string> labels)
    {
        if (labels.Count == 0) return;
        Session.Add(labels);
        Whole?.Add(labels);
    }
}
