using McpShield.Audit;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Enforcement;

/// <summary>Puts decisions and outcomes on record, and says to the operator when it cannot.</summary>
internal sealed partial class RecordKeeper(AuditLog audit, ILogger<RecordKeeper> logger)
{
    public async ValueTask<bool> TryCommitAsync(DecisionRecord record, CancellationToken ct)
    {
        try
        {
            await audit.CommitAsync(record, ct);
            return true;
        }
        catch (AuditUnavailableException failure)
        {
            Log.NotRecorded(logger, failure);
            return false;
        }
    }

    // THREAT: a caller who hangs up early would erase the trace. So the record is completed without the caller's token. The answer
    // does not wait for the disk: the call has happened, and its decision is on record.
    public async ValueTask CompleteAsync(OutcomeRecord record)
    {
        try
        {
            await audit.TakeAsync(record);
        }
        catch (AuditUnavailableException failure)
        {
            Log.NotCompleted(logger, failure, record.CallId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A decision could not be put on record; what it was about was refused")]
        public static partial void NotRecorded(ILogger logger, Exception failure);

        [LoggerMessage(2, LogLevel.Error, "The outcome of call {CallId} could not be put on record")]
        public static partial void NotCompleted(ILogger logger, Exception failure, Guid callId);
    }
}
