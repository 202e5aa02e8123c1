using McpShield.Data.Ephemeral.Memory;
using McpShield.Data.Ephemeral.Redis;
using McpShield.Policy.Limits;
using McpShield.Policy.Sessions;

namespace McpShield.Data.Ephemeral;

/// <summary>Where Redis is.</summary>
public sealed class RedisOptions
{
    public required string Host { get; init; }

    public int Port { get; init; } = 6379;

    public int Database { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public bool UsesTls { get; init; }
}

/// <summary>
/// Shared state that may be lost without losing a fact: in the memory of this process, or in Redis for all copies. What it cannot
/// answer it refuses with <see cref="EphemeralUnavailableException"/>.
/// </summary>
public sealed class EphemeralStores : IAsyncDisposable
{
    private readonly RedisLink? redis;

    private EphemeralStores(RedisLink? redis) => this.redis = redis;

    /// <summary>Whether other copies see the same.</summary>
    public bool AreShared => redis is not null;

    public required IAttemptCounter Attempts { get; init; }

    public required ICodeStore Codes { get; init; }

    public required ITicketStore Tickets { get; init; }

    public required ISessionStore Sessions { get; init; }

    public required IIdempotencyStore Idempotency { get; init; }

    public required IChangeFeed Changes { get; init; }

    /// <summary>The counters of policies' rate limits.</summary>
    public required IRateLimitStore RateLimits { get; init; }

    /// <summary>What agents' conversations have gathered.</summary>
    public required ISessionStateStore SessionStates { get; init; }

    /// <summary>In the memory of this process.</summary>
    public static EphemeralStores InMemory(TimeProvider clock, EphemeralLimits? limits = null) => new(redis: null)
    {
        Attempts = new MemoryAttemptCounter(clock),
        Codes = new MemoryCodeStore(clock, limits ?? EphemeralLimits.Default),
        Tickets = new MemoryTicketStore(clock),
        Sessions = new MemorySessionStore(clock, limits ?? EphemeralLimits.Default),
        Idempotency = new MemoryIdempotencyStore(clock),
        Changes = new MemoryChangeFeed(),
        RateLimits = new RateLimitTable(),
        SessionStates = new SessionStateTable(clock),
    };

    /// <summary>In Redis. Throws <see cref="EphemeralUnavailableException"/>, with a message for the operator, when it cannot be reached.</summary>
    public static async Task<EphemeralStores> RedisAsync(RedisOptions options, TimeProvider clock, CancellationToken ct, EphemeralLimits? limits = null)
    {
        var link = await RedisLink.OpenAsync(options, ct);
        return new(link)
        {
            Attempts = new RedisAttemptCounter(link, clock),
            Codes = new RedisCodeStore(link, clock, limits ?? EphemeralLimits.Default),
            Tickets = new RedisTicketStore(link, clock),
            Sessions = new RedisSessionStore(link, clock, limits ?? EphemeralLimits.Default),
            Idempotency = new RedisIdempotencyStore(link, clock),
            Changes = new RedisChangeFeed(link),
            RateLimits = new RedisRateLimitStore(link),
            SessionStates = new RedisSessionStateStore(link, clock),
        };
    }

    /// <summary>Returns when the state can be reached; throws <see cref="EphemeralUnavailableException"/> when not.</summary>
    public Task CheckAsync(CancellationToken ct) => redis?.CheckAsync(ct) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => redis?.DisposeAsync() ?? ValueTask.CompletedTask;
}
