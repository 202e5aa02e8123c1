using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace McpShield.Server.Features.Policies;

/// <summary>How often one may ask for what takes thought, so that the few places for it are there for all.</summary>
internal sealed class PolicyBudget(EphemeralStores stores, Visitors visitors)
{
    private const int MemberPerMinute = 60;
    private const int VisitorPerMinute = 20;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>A member, by user.</summary>
    public async Task<ProblemHttpResult?> ProblemAsync(HttpContext context, Caller caller, CancellationToken ct) =>
        Problem(context, await stores.Attempts.TryTakeAsync($"policy work {caller.UserId:N}", MemberPerMinute, Minute, ct));

    /// <summary>Anyone, by address.</summary>
    public async Task<ProblemHttpResult?> ProblemAsync(HttpContext context, CancellationToken ct) =>
        Problem(context, await stores.Attempts.TryTakeAsync($"policy simulate {visitors.Address(context)}", VisitorPerMinute, Minute, ct));

    private static ProblemHttpResult? Problem(HttpContext context, Attempt attempt) =>
        attempt.IsAllowed ? null : Problems.TooMany(context, "policy.too-many", "That was asked too often within a minute; wait as `Retry-After` says and try again.", attempt.RetryAfter);
}
