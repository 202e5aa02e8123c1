using McpShield.Contracts;
using McpShield.Data.Projects;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Keys;

internal static class CreateKey
{
    // Every live key is in the memory of every gateway.
    private const int MostLive = 1_000;

    public static void Map(RouteGroupBuilder keys) => keys.MapPost("", HandleAsync)
        .RequirePermission(Permission.ManageKeys)
        .IsRetryable()
        .WithName("keys.create")
        .WithSummary("Make a key")
        .WithDescription("The answer is the only one that ever holds the key: only its digest is stored. It opens the gateway at once.")
        .GivesHeader(StatusCodes.Status201Created, "Location", "The path of the key.")
        .Refuses(StatusCodes.Status409Conflict, "key.too-many");

    private static async Task<Results<Created<CreatedKeyResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, CreateKeyRequest request, Caller caller, HttpContext context, ShieldDb db, ShieldSettings settings, ProjectRegistry registry, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetMoment();
        var problems = KeyFields.Problems(request.Agent, request.Roles, request.Scopes, request.ExpiresAt, request.ExpiresInDays, now);
        if (problems.Count > 0) return Problems.Invalid(problems);

        var secret = ApiKeySecret.Create();
        var key = new ApiKey
        {
            Id = Guid.CreateVersion7(now),
            ProjectId = projectId,
            KeyHash = ApiKeySecret.Digest(secret),
            KeyPrefix = ApiKeySecret.Shown(secret),
            Name = KeyFields.NameOf(request.Name),
            Agent = request.Agent ?? KeyFields.AgentOf(request.Name),
            Roles = KeyFields.Words(request.Roles),
            Scopes = KeyFields.Words(request.Scopes),
            CreatedByUserId = caller.UserId,
            ExpiresAt = await ExpiryAsync(request, caller, db, now, ct),
            CreatedAt = now,
        };

        // The project's row is held until the end: it cannot go in between, and of two requests at once one counts the other's key.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var held = await db.Projects.Where(project => project.Id == projectId && project.OrgId == caller.OrganizationId).ExecuteUpdateAsync(set => set.SetProperty(static project => project.UpdatedAt, static project => project.UpdatedAt), ct);
        if (held == 0) return Problems.NotFound("project.not-found", "There is no such project.");
        if (await db.ApiKeys.CountAsync(one => one.ProjectId == projectId && one.RevokedAt == null && (one.ExpiresAt == null || one.ExpiresAt > now), ct) >= MostLive)
        {
            return Problems.Conflict("key.too-many", $"A project has at most {MostLive} live keys; revoke some that are not used.");
        }

        db.ApiKeys.Add(key);
        db.Record(caller, "key.created", ActionTarget.Of("key", key.Id), now, projectId, after: KeyRecords.Of(key));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        await Announcements.NowAsync(registry, ct);

        var url = (settings.ApiUrl?.GetLeftPart(UriPartial.Authority) ?? $"{context.Request.Scheme}://{context.Request.Host}") + "/mcp";
        return TypedResults.Created(
            $"/projects/{projectId:D}/keys/{key.Id:D}",
            new CreatedKeyResponse(key.Id, projectId, secret, key.Name, key.KeyPrefix, key.Agent, key.Roles, key.Scopes, key.ExpiresAt, key.CreatedAt, ClientEntries.Of(url, secret)));
    }

    private static async Task<DateTimeOffset?> ExpiryAsync(CreateKeyRequest request, Caller caller, ShieldDb db, DateTimeOffset now, CancellationToken ct)
    {
        if (request.ExpiresAt is { } at) return at.ToUniversalTime().InMicroseconds();
        var days = request.ExpiresInDays ?? await db.UserSettings.Where(settings => settings.UserId == caller.UserId).Select(static settings => settings.DefaultKeyDays).SingleOrDefaultAsync(ct);
        return days is > 0 ? now.AddDays(days.Value) : null;
    }
}
