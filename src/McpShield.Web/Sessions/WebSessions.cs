using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using McpShield.Contracts;
using McpShield.Contracts.Client;
using McpShield.Web.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Web.Sessions;

/// <summary>The session is over: signed out elsewhere, expired, or revoked. The visitor signs in again.</summary>
internal sealed class SessionEndedException() : Exception("the session is over; sign in again");

/// <summary>Who is signed in. A session's tokens are exchanged for the next ones before their time is over, once, however many requests ask.</summary>
internal sealed partial class WebSessions(ISessionVault vault, ApiConnection api, WebSettings settings, TimeProvider clock, ILogger<WebSessions> logger)
{
    private const int KeyBytes = 32;

    // Longer than the API's ten seconds, in which racing copies of this host get the same answer, plus a request's own time.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(10);

    // The API's refresh token lives a day where nobody asked to be remembered; it has the last word, this only cleans up.
    private static readonly TimeSpan UnrememberedLifetime = TimeSpan.FromHours(25);

    private readonly ConcurrentDictionary<string, Lazy<Task<WebSession?>>> renewals = new(StringComparer.Ordinal);

    /// <summary>Begins one, and returns its key.</summary>
    public async Task<string> BeginAsync(TokenResponse tokens, bool isRemembered, CancellationToken ct)
    {
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        var session = WebSession.Of(tokens, isRemembered, clock.GetUtcNow());
        await vault.AddAsync(key, session, LifetimeOf(session), ct);
        return key;
    }

    /// <summary>A session, its token good for a while; <c>null</c>: it is over.</summary>
    public async Task<WebSession?> FindAsync(string key, VisitorOrigin origin, CancellationToken ct)
    {
        var session = await vault.FindAsync(key, ct);
        return session is null || !IsStale(session) ? session : await RenewAsync(key, session, origin, ct);
    }

    /// <summary>The session with other tokens than those of <paramref name="used"/>; <c>null</c>: it is over.</summary>
    public async Task<WebSession?> RenewAsync(string key, WebSession used, VisitorOrigin origin, CancellationToken ct)
    {
        // The first to come works for all, and goes on when it is cancelled itself.
        var renewal = renewals.GetOrAdd(key, _ => new(() => RenewOnceAsync(key, used, origin)));
        try
        {
            return await renewal.Value.WaitAsync(ct);
        }
        finally
        {
            if (renewal.Value.IsCompleted) renewals.TryRemove(new(key, renewal));
        }
    }

    public Task EndAsync(string key, CancellationToken ct) => vault.RemoveAsync(key, ct);

    private async Task<WebSession?> RenewOnceAsync(string key, WebSession used, VisitorOrigin origin)
    {
        using var limit = new CancellationTokenSource(RefreshTimeout, clock);
        var kept = await vault.FindAsync(key, limit.Token);
        if (kept is null || kept.RefreshToken != used.RefreshToken) return kept; // somebody was faster
        try
        {
            using var client = api.Open(origin);
            var tokens = await new ShieldClient(client).Auth.RefreshAsync(new(kept.RefreshToken), limit.Token);
            var renewed = WebSession.Of(tokens, kept.IsRemembered, clock.GetUtcNow());
            await vault.ReplaceAsync(key, renewed, LifetimeOf(renewed), limit.Token);
            return renewed;
        }
        catch (ShieldProblem over) when (over.Status == HttpStatusCode.Unauthorized)
        {
            Log.Ended(logger, over.Code);
            await vault.RemoveAsync(key, limit.Token);
            return null;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or ShieldProblem && kept.AccessExpiresAt > clock.GetUtcNow())
        {
            // The token is good for some seconds yet; the next request tries again.
            Log.NotRenewed(logger, failure);
            return kept;
        }
    }

    private bool IsStale(WebSession session) => session.AccessExpiresAt - clock.GetUtcNow() < Margin;

    private TimeSpan LifetimeOf(WebSession session) => session.IsRemembered ? settings.RememberedLifetime + TimeSpan.FromHours(1) : UnrememberedLifetime;

    private static partial class Log
    {
        [LoggerMessage(600, LogLevel.Debug, "A session is over ({Code})")]
        public static partial void Ended(ILogger logger, string code);

        [LoggerMessage(601, LogLevel.Warning, "A session's tokens could not be renewed yet: the API cannot be reached")]
        public static partial void NotRenewed(ILogger logger, Exception failure);
    }
}
