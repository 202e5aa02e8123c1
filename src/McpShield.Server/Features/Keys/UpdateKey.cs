using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Keys;

internal static class UpdateKey
{
    public static void Map(RouteGroupBuilder keys) => keys.MapPatch("/{keyId:guid}", HandleAsync)
        .RequirePermission(Permission.ManageKeys)
        .WithName("keys.update")
        .WithSummary("Change a key's name, agent, roles, scopes or expiry")
        .WithDescription("What is absent stays; the key itself never changes. A revoked key stays revoked.")
        .Refuses(StatusCodes.Status404NotFound, "key.not-found")
        .Refuses(StatusCodes.Status409Conflict, "key.revoked");

    private static async Task<Results<Ok<KeyResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, Guid keyId, UpdateKeyRequest request, Caller caller, ShieldDb db, ProjectRegistry registry, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetMoment();
        var problems = KeyFields.Problems(request.Agent, request.Roles, request.Scopes, request.ExpiresAt, request.ExpiresInDays, now);
        if (problems.Count > 0) return Problems.Invalid(problems);

        var mine = db.ApiKeys.Where(key => key.Id == keyId && key.ProjectId == projectId && db.Projects.Any(project => project.Id == projectId && project.OrgId == caller.OrganizationId));
        if (await mine.SingleOrDefaultAsync(ct) is not { } key) return Problems.NotFound("key.not-found", "There is no such key in this project.");
        if (key.RevokedAt is not null) return Problems.Conflict("key.revoked", "This key is revoked, for good; make another one.");

        var before = KeyRecords.Of(key);
        if (request.Name is not null) key.Name = KeyFields.NameOf(request.Name);
        key.Agent = request.Agent ?? key.Agent;
        if (request.Roles is not null) key.Roles = KeyFields.Words(request.Roles);
        if (request.Scopes is not null) key.Scopes = KeyFields.Words(request.Scopes);
        if (request.ExpiresAt is { } at) key.ExpiresAt = at.ToUniversalTime().InMicroseconds();
        else if (request.ExpiresInDays is { } days) key.ExpiresAt = days > 0 ? now.AddDays(days) : null;

        db.Record(caller, "key.updated", ActionTarget.Of("key", key.Id), now, projectId, before, KeyRecords.Of(key));
        try
        {
            // Only what changed is written, so a revocation at the same moment stands.
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.NotFound("key.not-found", "There is no such key in this project.");
        }

        await Announcements.NowAsync(registry, ct);
        return TypedResults.Ok(await mine.AsNoTracking().Select(KeysFeature.ToResponse(db, now)).SingleAsync(ct));
    }
}
