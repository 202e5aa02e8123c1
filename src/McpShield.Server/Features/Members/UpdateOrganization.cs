using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class UpdateOrganization
{
    public static void Map(RouteGroupBuilder organizations) => organizations.MapPatch("/organization", HandleAsync)
        .RequirePermission(Permission.ManageMembers)
        .WithName("organization.update")
        .WithSummary("Give an organization another name");

    private static async Task<Results<Ok<OrganizationResponse>, ProblemHttpResult>> HandleAsync(UpdateOrganizationRequest request, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        var name = request.Name.Trim();
        if (name.Length == 0) return Problems.Invalid("name", "must not be empty");
        if (await db.Organizations.SingleOrDefaultAsync(organization => organization.Id == caller.OrganizationId, ct) is not { } organization) return Problems.NotFound("organization.not-found", "There is no such organization.");

        var now = clock.GetMoment();
        var before = new JsonObject { ["name"] = organization.Name };
        (organization.Name, organization.UpdatedAt) = (name, now);
        db.Record(caller, "organization.updated", ActionTarget.Of("organization", organization.Id), now, projectId: null, before, new() { ["name"] = name });
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(await OrganizationReading.OfAsync(db, caller, ct));
    }
}
