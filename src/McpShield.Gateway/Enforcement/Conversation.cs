using McpShield.Policy.Evaluation;
using McpShield.Policy.Sessions;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Enforcement;

/// <summary>Where a call reads its session's state, and where it leaves what it gathers.</summary>
internal sealed partial class Conversation
{
    /// <summary>Where the handle stands in <c>_meta</c>, of results and of requests.</summary>
    public const string MetaName = "io.mcpshield/conversation";

    private readonly ISessionStateStore store;
    private readonly string key;
    private readonly ILogger logger;
    private SessionReading? read;

    private Conversation(ISessionStateStore store, string key, ILogger logger) => (this.store, this.key, this.logger) = (store, key, logger);

    /// <summary>What the client should return with its next request; <c>null</c>: nothing.</summary>
    public string? Handle { get; private set; }

    /// <summary>What the session has gathered, as it was last read; <c>null</c> when it cannot be reached: then nobody knows what may be.</summary>
    public SessionState? State => read?.State;

    /// <summary>A session that cannot be reached: nothing may happen in it.</summary>
    public static Conversation Unreachable { get; } = new(new SessionStateTable(TimeProvider.System), "", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    /// <summary>Reads the session of a call.</summary>
    public static async ValueTask<Conversation> OpenAsync(ISessionStateStore store, string key, string? handle, ILogger logger, CancellationToken ct)
    {
        var conversation = new Conversation(store, key, logger);
        try
        {
            conversation.read = await store.OpenAsync(key, handle, ct);
            conversation.Handle = conversation.read.Handle;
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Log.NotReached(logger, failure);
        }

        return conversation;
    }

    /// <summary>
    /// Counts a call that was decided on the state as it was read. INVARIANT: where the decision depends on it, nothing has been gathered
    /// since, here or in another copy; else the state is read anew and the answer is no, so that <c>calls_in_session</c> never lets one
    /// too many through.
    /// </summary>
    public async ValueTask<bool> TryCountAsync(string tool, bool dependsOnState, CancellationToken ct)
    {
        try
        {
            if (await store.TryCountAsync(key, Handle, tool, dependsOnState ? read!.Version : null, ct) is not { } changed) return true;
            read = changed;
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Log.NotReached(logger, failure);
            read = null;
        }

        return false;
    }

    /// <summary>Adds labels; <c>false</c> when they could not be kept. THREAT: an agent that hangs up is not rid of them; so nothing cancels it.</summary>
    public async ValueTask<bool> TryAddAsync(IReadOnlyCollection<string> labels)
    {
        if (labels.Count == 0) return true;
        try
        {
            await store.AddLabelsAsync(key, Handle, labels, CancellationToken.None);
            return true;
        }
        catch (Exception failure)
        {
            Log.NotReached(logger, failure);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5, LogLevel.Error, "What sessions have gathered cannot be reached; the call, or its answer, was refused")]
        public static partial void NotReached(ILogger logger, Exception failure);
    }
}
