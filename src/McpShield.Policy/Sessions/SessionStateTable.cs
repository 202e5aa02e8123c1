using System.Collections.Concurrent;

namespace McpShield.Policy.Sessions;

/// <summary>Conversations in the memory of this process.</summary>
public sealed class SessionStateTable(TimeProvider clock) : ISessionStateStore
{
    private readonly ConcurrentDictionary<string, KeySessions> keys = new(StringComparer.Ordinal);
    private long lastSweep = clock.GetTimestamp();

    /// <inheritdoc/>
    public ValueTask<SessionReading> OpenAsync(string key, string? handle, CancellationToken ct)
    {
        Sweep();
        while (true)
        {
            var own = keys.GetOrAdd(key, static _ => new());
            lock (own)
            {
                if (!own.IsGone) return new(Open_NeedsLock(own, handle));
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionReading?> TryCountAsync(string key, string? handle, string tool, long? version, CancellationToken ct)
    {
        var (decides, whole) = Find(key, handle);
        if (decides.TryCount(tool, version) is { } changed) return new(changed);
        if (!ReferenceEquals(decides, whole)) whole.TryCount(tool, version: null);
        return new((SessionReading?)null);
    }

    /// <inheritdoc/>
    public ValueTask AddLabelsAsync(string key, string? handle, IReadOnlyCollection<string> labels, CancellationToken ct)
    {
        var (session, whole) = Find(key, handle);
        session.Add(labels);
        whole.Add(labels);
        return ValueTask.CompletedTask;
    }

    private SessionReading Open_NeedsLock(KeySessions own, string? handle)
    {
        if (IsIdle(own.Whole)) own.Whole = Session.OfKey();
        var now = own.Whole.LastUsed = clock.GetTimestamp();
        if (handle is not null && own.ByHandle.TryGetValue(handle, out var known) && !IsIdle(known))
        {
            known.LastUsed = now;
            return known.Read();
        }

        if (own.ByHandle.Count >= ISessionStateStore.MaxPerKey) own.Forget(IsIdle);
        if (own.ByHandle.Count >= ISessionStateStore.MaxPerKey) return own.Whole.Read();

        // THREAT: an agent that drops its handle to be rid of its labels. A new conversation begins with everything that the key
        // has gathered within its half hour, so that nothing is gained.
        var minted = Session.NewId();
        var fresh = Session.OfConversation(minted);
        fresh.LastUsed = now;
        fresh.Inherit(own.Whole);
        own.ByHandle[minted] = fresh;
        return fresh.Read();
    }

    // What a call gathers after its conversation was forgotten, the key still learns.
    private (Session Session, Session Whole) Find(string key, string? handle)
    {
        while (true)
        {
            var own = keys.GetOrAdd(key, static _ => new());
            lock (own)
            {
                if (own.IsGone) continue;
                own.Whole.LastUsed = clock.GetTimestamp();
                return (handle is not null && own.ByHandle.TryGetValue(handle, out var known) ? known : own.Whole, own.Whole);
            }
        }
    }

    private bool IsIdle(Session session) => session.LastUsed != 0 && clock.GetElapsedTime(session.LastUsed) > ISessionStateStore.IdleTime;

    private void Sweep()
    {
        var last = Volatile.Read(ref lastSweep);
        if (clock.GetElapsedTime(last) < ISessionStateStore.IdleTime || Interlocked.CompareExchange(ref lastSweep, clock.GetTimestamp(), last) != last) return;
        foreach (var (key, own) in keys)
        {
            lock (own)
            {
                if (!IsIdle(own.Whole)) continue;
                own.IsGone = true; // whoever holds it and waits must not gather into what nobody finds again
                keys.TryRemove(KeyValuePair.Create(key, own));
            }
        }
    }

    private sealed class KeySessions
    {
        public Session Whole { get; set; } = Session.OfKey();

        public Dictionary<string, Session> ByHandle { get; } = new(StringComparer.Ordinal);

        public bool IsGone { get; set; }

        public void Forget(Func<Session, bool> isIdle)
        {
            foreach (var (handle, session) in ByHandle)
            {
                if (isIdle(session)) ByHandle.Remove(handle);
            }
        }
    }
}
