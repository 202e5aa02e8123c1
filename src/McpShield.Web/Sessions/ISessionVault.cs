namespace McpShield.Web.Sessions;

/// <summary>Where sessions are kept: in the memory of this process, or in Redis for all copies.</summary>
internal interface ISessionVault
{
    Task<WebSession?> FindAsync(string key, CancellationToken ct);

    Task AddAsync(string key, WebSession session, TimeSpan lifetime, CancellationToken ct);

    /// <summary>Keeps what a session has become, unless it was ended meanwhile.</summary>
    Task ReplaceAsync(string key, WebSession session, TimeSpan lifetime, CancellationToken ct);

    Task RemoveAsync(string key, CancellationToken ct);
}
