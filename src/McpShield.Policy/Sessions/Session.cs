using System.Buffers.Text;
using System.Security.Cryptography;

namespace McpShield.Policy.Sessions;

/// <summary>What one session has gathered, in memory: labels, and calls allowed. Both only grow. Safe for concurrent use.</summary>
/// <remarks>By itself it is the state of a transport session, which lives and ends with its connection: a store of one.</remarks>
public sealed class Session : ISessionStateStore
{
    private readonly string? handle;
    private readonly Lock gathering = new();
    private HashSet<string> labels = new(StringComparer.Ordinal);
    private Dictionary<string, int> calls = new(StringComparer.Ordinal);
    private volatile SessionReading reading;

    private Session(string? id, string? handle)
    {
        this.handle = handle;
        reading = new(handle, new() { Id = id, Labels = labels, Calls = calls }, 0);
    }

    internal long LastUsed { get; set; }

    /// <summary>The session of a connection.</summary>
    public static Session OfTransport() => new(NewId(), handle: null);

    /// <summary>A conversation, named by its handle.</summary>
    internal static Session OfConversation(string handle) => new(handle, handle);

    /// <summary>All conversations of a key: by itself no session.</summary>
    internal static Session OfKey() => new(id: null, handle: null);

    /// <summary>128 random bits, so that a handle cannot be guessed.</summary>
    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    /// <summary>What it has gathered so far.</summary>
    public SessionReading Read() => reading;

    /// <inheritdoc cref="ISessionStateStore.TryCountAsync"/>
    public SessionReading? TryCount(string tool, long? version)
    {
        lock (gathering)
        {
            if (version is { } seen && seen != reading.Version) return reading;

            // What was read by others stays as it was: a new table takes its place.
            calls = new(calls, StringComparer.Ordinal);
            calls[tool] = calls.GetValueOrDefault(tool) + 1;
            Publish_NeedsLock();
            return null;
        }
    }

    /// <inheritdoc cref="ISessionStateStore.AddLabelsAsync"/>
    public void Add(IReadOnlyCollection<string> added)
    {
        lock (gathering)
        {
            if (labels.IsSupersetOf(added)) return;
            labels = new(labels, StringComparer.Ordinal);
            labels.UnionWith(added);
            Publish_NeedsLock();
        }
    }

    /// <summary>Begins with what another has gathered.</summary>
    internal void Inherit(Session other)
    {
        lock (other.gathering) (labels, calls) = (other.labels, other.calls);
        lock (gathering) Publish_NeedsLock();
    }

    ValueTask<SessionReading> ISessionStateStore.OpenAsync(string key, string? handle, CancellationToken ct) => new(reading);

    ValueTask<SessionReading?> ISessionStateStore.TryCountAsync(string key, string? handle, string tool, long? version, CancellationToken ct) => new(TryCount(tool, version));

    ValueTask ISessionStateStore.AddLabelsAsync(string key, string? handle, IReadOnlyCollection<string> labels, CancellationToken ct)
    {
        Add(labels);
        return ValueTask.CompletedTask;
    }

    private void Publish_NeedsLock() => reading = new(handle, reading.State with { Labels = labels, Calls = calls }, reading.Version + 1);
}
