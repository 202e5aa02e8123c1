using System.Linq.Expressions;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Projects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Keys;

/// <summary>Keys: with one of them an agent comes in.</summary>
internal static class KeysFeature
{
    public const string Live = "live";
    public const string Expired = "expired";
    public const string Revoked = "revoked";

    public static void MapKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/projects/{projectId:guid}/keys").WithTags("Keys");
        ListKeys.Map(keys);
        CreateKey.Map(keys);
        GetKey.Map(keys);
        UpdateKey.Map(keys);
        RevokeKey.Map(keys);
    }

    /// <summary>A key as the API shows it, read in one query.</summary>
    public static Expression<Func<ApiKey, KeyResponse>> ToResponse(ShieldDb db, DateTimeOffset now) => key => new(
        key.Id, key.ProjectId, key.Name, key.KeyPrefix, key.Agent, key.Roles, key.Scopes,
        key.RevokedAt != null ? Revoked : key.ExpiresAt != null && key.ExpiresAt <= now ? Expired : Live,
        key.ExpiresAt, key.LastUsedAt,
        db.Users.Where(user => user.Id == key.CreatedByUserId).Select(static user => (user.FirstName + " " + user.LastName).Trim()).FirstOrDefault(),
        key.CreatedAt, key.RevokedAt);
}
