using McpShield.Data;
using McpShield.Data.Projects;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Hosting;

/// <summary>Hears at once what another process changed, where the database tells. A lost connection is made again; until then polling finds it.</summary>
internal sealed partial class ProjectListener(ShieldDatabase database, TimeProvider clock, ILogger<ProjectListener> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private bool isDeaf;

    /// <summary>Calls <paramref name="heard"/> for what is announced, until <paramref name="ct"/> ends it.</summary>
    public async Task ListenAsync(Action heard, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await HearAsync(heard, ct);
            }
            catch (Exception) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (!isDeaf) Log.Deaf(logger, failure);
                isDeaf = true;
            }

            await Task.Delay(Pause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HearAsync(Action heard, CancellationToken ct)
    {
        await using var announcements = await ProjectAnnouncements.OpenAsync(database, ct);
        if (isDeaf) Log.HearsAgain(logger);
        isDeaf = false;

        // Nobody heard what was announced before.
        while (true)
        {
            heard();
            await announcements.WaitAsync(ct);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(403, LogLevel.Warning, "Changes by other copies are not announced for now, since the connection for it was lost; they are found by asking twice a second")]
        public static partial void Deaf(ILogger logger, Exception failure);

        [LoggerMessage(404, LogLevel.Information, "Changes by other copies are announced again")]
        public static partial void HearsAgain(ILogger logger);
    }
}
