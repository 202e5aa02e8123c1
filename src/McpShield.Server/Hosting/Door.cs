using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Hosting;

/// <summary>Every request passes here before its handler: who are you, which organization is it about, and may you?</summary>
/// <remarks>
/// Closed by default: a route without a <see cref="Guard"/> lets nobody in. Something of an organization that the caller is no member of answers as
/// if it did not exist; something of one's own organization that one's role may not do is forbidden.
/// </remarks>
internal sealed class Door(RequestDelegate next, AccessTokens tokens, EphemeralStores stores, ProjectRegistry registry, Visitors visitors)
{
    /// <summary>The name of the path's project, wherever a path has one.</summary>
    public const string ProjectParameter = "projectId";

    /// <summary>Names an organization, wherever a request is about one and its path has no project.</summary>
    public const string OrganizationParameter = "organization_id";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint)
        {
            await Problems.NotFound("route.not-found", "There is nothing at this address; /docs lists what there is.").ExecuteAsync(context);
            return;
        }

        var refusal = endpoint.Metadata.GetMetadata<Guard>() switch
        {
            Guard.Anyone => null,
            Guard.Key => await LetKeyAsync(context),
            Guard.SignedIn => await LetUserAsync(context, needed: null),
            Guard.Member member => await LetUserAsync(context, member.Permission),
            _ when endpoint is not RouteEndpoint => null, // the framework's own 405
            _ => Problems.Forbidden("route.closed", "This address is closed."),
        };
        if (refusal is not null) await refusal.ExecuteAsync(context);
        else await next(context);
    }

    private Task<IResult?> LetKeyAsync(HttpContext context)
    {
        if (registry.IsStale) return Task.FromResult<IResult?>(Problems.Unavailable("not_ready", "Projects and keys could not be read for five seconds, so no key can be checked. Try again shortly."));
        if (registry.Authenticate(context) is not { } agent)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Task.FromResult<IResult?>(Problems.Unauthorized("key.invalid", "A valid API key is needed, as `X-API-Key: mcps_…`; a revoked or expired key is none."));
        }

        context.Features.Set(new KeyCaller(Guid.ParseExact(agent.Principal.Key, "D"), agent with { ClientIp = visitors.Address(context) }));
        return Task.FromResult<IResult?>(null);
    }

    private async Task<IResult?> LetUserAsync(HttpContext context, Permission? needed)
    {
        var db = context.RequestServices.GetService(typeof(ShieldDb)) as ShieldDb ?? throw new InvalidOperationException("no database in the request's services");
        if (BearerOf(context.Request) is not { } bearer || await tokens.ReadAsync(bearer) is not { } claims || await stores.Sessions.FindAsync(claims.SessionId, context.RequestAborted) is not { } session || session.UserId != claims.UserId) return SignIn(context);

        var user = await db.Users.AsNoTracking().Where(user => user.Id == claims.UserId && user.Profile!.Status == Profile.Active)
            .Select(static user => new { user.Id, user.Email, user.FirstName, user.LastName }).SingleOrDefaultAsync(context.RequestAborted);
        if (user is null) return SignIn(context);

        var (membership, missing) = await MembershipAsync(context, db, user.Id, isAboutOrganization: needed is not null);
        if (missing is not null) return missing;
        if (needed is { } permission && !membership!.Role.May(permission))
        {
            return Problems.Forbidden("permission.missing", $"Your role in this organization, {membership.Role.ToString().ToLowerInvariant()}, may not do this. Ask an owner or admin of the organization.");
        }

        context.Features.Set(new Caller(user.Id, user.Email, $"{user.FirstName} {user.LastName}".Trim(), session.Id, membership!.OrgId, membership.Role, visitors.Address(context)));
        return null;
    }

    private static async Task<(Data.Organizations.Member? Membership, IResult? Missing)> MembershipAsync(HttpContext context, ShieldDb db, Guid user, bool isAboutOrganization)
    {
        var ct = context.RequestAborted;
        var memberships = db.Members.AsNoTracking().Where(member => member.UserId == user);
        if (isAboutOrganization && context.Request.RouteValues.TryGetValue(ProjectParameter, out var value) && Guid.TryParse(value as string, out var project))
        {
            var ofProject = await memberships.Where(member => db.Projects.Any(one => one.Id == project && one.OrgId == member.OrgId)).SingleOrDefaultAsync(ct);
            return ofProject is null ? (null, Problems.NotFound("project.not-found", "There is no such project.")) : (ofProject, null);
        }

        if (isAboutOrganization && context.Request.Query[OrganizationParameter] is [{ Length: > 0 } named])
        {
            var named1 = Guid.TryParse(named, out var organization) ? await memberships.SingleOrDefaultAsync(member => member.OrgId == organization, ct) : null;
            return named1 is null ? (null, Problems.NotFound("organization.not-found", "There is no such organization.")) : (named1, null);
        }

        var own = await memberships.SingleOrDefaultAsync(member => db.Organizations.Any(one => one.Id == member.OrgId && one.OwnerUserId == user), ct);
        return own is null ? (null, Problems.NotFound("organization.not-found", "There is no such organization.")) : (own, null);
    }

    private static string? BearerOf(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        return request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null;
    }

    private static ProblemHttpResult SignIn(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Unauthorized("auth.required", "Sign in first: an access token is needed, and it must not be expired or revoked.");
    }
}
