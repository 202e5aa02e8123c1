namespace McpShield.Server.Hosting;

/// <summary>Makes what was just saved count in this process at once; the other copies hear of it from the database, or find it within half a second.</summary>
internal static class Announcements
{
    /// <summary>After <c>SaveChanges</c> of anything that a gateway decides by.</summary>
    public static async Task NowAsync(ProjectRegistry registry, CancellationToken ct)
    {
        try
        {
            await registry.RefreshAsync(ct);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The change is saved: to answer that it failed would be wrong. Polling takes it over, and says so when it cannot.
        }
    }
}
