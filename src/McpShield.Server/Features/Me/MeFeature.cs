using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Features.Auth;
using McpShield.Server.Features.Billing;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.AspNetCore.Builder;

namespace McpShield.Server.Features.Me;

/// <summary>What a person reads and changes about themselves.</summary>
internal static class MeFeature
{
    private const int PasswordTries = 5;

    private static readonly TimeSpan PasswordWindow = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(15);

    public static void MapMe(this IEndpointRouteBuilder app)
    {
        var me = app.MapGroup("/me").WithTags("Me");
        GetMe.Map(me);
        UpdateMe.Map(me);
        DeleteMe.Map(me);
        GetSettings.Map(me);
        PutSettings.Map(me);
        ChangePassword.Map(me);
        ExportMe.Map(me);
    }

    /// <summary>The caller as the API shows them.</summary>
    public static async Task<MeResponse> ReadAsync(ShieldDb db, Guid userId, CancellationToken ct)
    {
        var user = await db.Users.AsNoTracking().Include(static user => user.Profile).SingleAsync(user => user.Id == userId, ct);
        var own = await SignIns.OwnOrganizationAsync(db, userId, ct);
        var memberships = await db.Members.AsNoTracking().Where(member => member.UserId == userId)
            .Join(db.Organizations, static member => member.OrgId, static organization => organization.Id, static (member, organization) => new { organization.Id, organization.Name, member.Role })
            .ToListAsync(ct);
        var organizations = memberships.OrderByDescending(one => one.Id == own).ThenBy(static one => one.Name, StringComparer.OrdinalIgnoreCase)
            .Select(static one => new MyOrganizationResponse(one.Id, one.Name, one.Role.ToString().ToLowerInvariant())).ToList();
        var profile = user.Profile!;
        return new(
            user.Id, user.Email, user.FirstName, user.LastName, user.PasswordHash is not null, profile.Company, profile.JobTitle, profile.Bio, profile.Location, profile.WebsiteUrl,
            own, organizations, (await PlanOf.OrganizationAsync(db, own, ct)).Code, user.CreatedAt, user.UpdatedAt);
    }

    /// <summary>What stands against what cannot be undone: a wrong password, or a session that was not begun just now; <c>null</c>: nothing.</summary>
    /// <remarks>THREAT: whoever finds an open session may not keep the account, nor take it away.</remarks>
    public static async Task<ProblemHttpResult?> ProveAsync(HttpContext context, Caller caller, User user, string? password, EphemeralStores stores, PasswordWork passwords, TimeProvider clock, CancellationToken ct)
    {
        if (user.PasswordHash is null)
        {
            return await stores.Sessions.FindAsync(caller.SessionId, ct) is { } session && clock.GetUtcNow() - session.CreatedAt <= FreshFor
                ? null
                : Problems.Forbidden("session.not-fresh", "Sign in again first: this needs a session that was begun within the last 15 minutes.");
        }

        var tries = $"password {caller.UserId:N}";
        var attempt = await stores.Attempts.TryTakeAsync(tries, PasswordTries, PasswordWindow, ct);
        if (!attempt.IsAllowed) return Problems.TooMany(context, "auth.too-many-tries", "Too many wrong passwords. Wait as `Retry-After` says.", attempt.RetryAfter);
        if (!await passwords.VerifyAsync(user.PasswordHash, password ?? "", ct)) return Problems.Forbidden("password.wrong", "The password is wrong.");
        await stores.Attempts.ResetAsync(tries, ct);
        return null;
    }

    public static async Task<Caller> InOwnAsync(this Caller caller, ShieldDb db, CancellationToken ct) => caller with { OrganizationId = await SignIns.OwnOrganizationAsync(db, caller.UserId, ct) };
}
