using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Background;

/// <summary>Writes down when keys were used last, every few seconds: no request waits for it.</summary>
internal sealed partial class KeyUsageWriter(ShieldDatabase database, ProjectRegistry registry, TimeProvider clock, ILogger<KeyUsageWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Guid, DateTimeOffset> unwritten = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, clock, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // One last time.
            }

            try
            {
                await WriteAsync();
            }
            catch (Exception failure)
            {
                Log.NotWritten(logger, failure);
            }
        }
    }

    private async Task WriteAsync()
    {
        foreach (var (key, used) in registry.TakeKeyUsage()) unwritten[key] = used;
        if (unwritten.Count == 0) return;

        // In one order for all processes, so that none waits for another that waits for it; and only forward, since they see different uses.
        await using var db = database.Open();
        await using var transaction = await db.Database.BeginTransactionAsync();
        foreach (var (key, used) in unwritten.OrderBy(static one => one.Key))
        {
            DateTimeOffset? at = used;
            await db.ApiKeys.Where(one => one.Id == key && (one.LastUsedAt == null || one.LastUsedAt < at)).ExecuteUpdateAsync(set => set.SetProperty(static one => one.LastUsedAt, at));
        }

        await transaction.CommitAsync();
        unwritten.Clear();
    }

    private static partial class Log
    {
        [LoggerMessage(442, LogLevel.Warning, "It could not be written down when keys were used; it is tried again")]
        public static partial void NotWritten(ILogger logger, Exception failure);
    }
}
