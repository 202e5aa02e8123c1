using McpShield.Policy.Limits;
using McpShield.Policy.Sessions;

namespace McpShield.Gateway;

/// <summary>What the copies of a host share, so that limits, labels and counts hold over all of them. Without it each gateway counts in its own memory.</summary>
/// <param name="Limits">The counters of rate limits.</param>
/// <param name="Sessions">What conversations have gathered. A transport session is known to its own copy only, so its state stays there.</param>
public sealed record SharedState(IRateLimitStore Limits, ISessionStateStore Sessions);
