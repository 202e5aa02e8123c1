using McpShield.Policy.Evaluation;
using McpShield.Policy.Limits;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.Gateway.Enforcement;

/// <summary>Counts calls against the rate limits of rules: in this process, or with all copies of it. Safe for concurrent use.</summary>
public sealed partial class RateLimiter
{
    private readonly RateLimitTable local = new();
    private readonly IRateLimitStore store;
    private readonly string scope;
    private readonly ILogger logger;

    /// <summary>Counts in this process.</summary>
    public RateLimiter() => (store, scope, logger) = (local, "", NullLogger.Instance);

    /// <summary>Counts where all copies do.</summary>
    /// <param name="shared">The counters.</param>
    /// <param name="scope">Whose they are: another project's counters of the same name are others.</param>
    /// <param name="logger">Where operators read.</param>
    public RateLimiter(IRateLimitStore shared, string scope, ILogger logger) => (store, this.scope, this.logger) = (shared, scope, logger);

    /// <summary>The decision, with its rate limit carried out in this process: either it stands without that obligation, or it is a deny that says when to try again.</summary>
    public Decision Apply(Decision decision, DateTimeOffset now) =>
        LimitOf(decision) is { } limited ? Applied(decision, limited, local.Take(limited.Counter, limited.Limit, now)) : decision;

    /// <summary>The limits of one call, which takes each at most once however often it is decided anew.</summary>
    internal CallLimits OfCall(DateTimeOffset arrived) => new(this, arrived);

    private static RateLimitObligation? LimitOf(Decision decision)
    {
        foreach (var obligation in decision.Obligations)
        {
            if (obligation is RateLimitObligation limited) return limited;
        }

        return null;
    }

    private static Decision Applied(Decision decision, RateLimitObligation limited, RateLimitAnswer answer) => answer switch
    {
        { IsAllowed: true } => decision with { Obligations = decision.Obligations.Remove(limited) },
        { RetryAfter: { } wait } => Refusal(decision, $"the rate limit of rule {decision.Rule} is used up; try again in {Math.Ceiling(wait.TotalSeconds):0} seconds"),
        _ => Refusal(decision, "too many rate limits are being counted; try again later"),
    };

    private static Decision Refusal(Decision decision, string message) => decision with { Outcome = Outcome.Deny, Reason = Reason.RateLimited, Message = message, Obligations = [] };

    private async ValueTask<Decision> ApplyAsync(Decision decision, RateLimitObligation limited, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            return Applied(decision, limited, await store.TakeAsync(scope + limited.Counter, limited.Limit, now, ct));
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Log.NotCounted(logger, failure);

            // SPEC: section 8, `on_store_error`: denied, unless the rule says that each copy counts by itself meanwhile.
            return limited.Limit.LocalOnStoreError
                ? Applied(decision, limited, local.Take(limited.Counter, limited.Limit, now))
                : Refusal(decision, $"the rate limit of rule {decision.Rule} cannot be counted at the moment, so nothing passes it; try again, and tell the operator if it persists");
        }
    }

    /// <summary>The rate limits of one call.</summary>
    internal sealed class CallLimits(RateLimiter limiter, DateTimeOffset arrived)
    {
        private string? taken;

        /// <summary>The decision, with its rate limit carried out.</summary>
        public async ValueTask<Decision> ApplyAsync(Decision decision, CancellationToken ct)
        {
            if (LimitOf(decision) is not { } limited) return decision;
            if (limited.Counter == taken) return Applied(decision, limited, new(true, null));
            var applied = await limiter.ApplyAsync(decision, limited, arrived, ct);
            if (applied.Reason is not Reason.RateLimited) taken = limited.Counter;
            return applied;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6, LogLevel.Error, "A rate limit could not be counted with the other copies")]
        public static partial void NotCounted(ILogger logger, Exception failure);
    }
}
