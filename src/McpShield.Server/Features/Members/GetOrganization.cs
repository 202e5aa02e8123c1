using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Members;

internal static class GetOrganization
{
    public static void Map(RouteGroupBuilder organizations) => organizations.MapGet("/organization", HandleAsync)
        .RequirePermission(Permission.ViewMembers)
        .WithName("organization.get")
        .WithSummary("An organization, its plan, and one's role in it")
        .WithDescription("`organization_id` names an organization that you are a member of; without it, your own.");

    private static async Task<Ok<OrganizationResponse>> HandleAsync(Caller caller, ShieldDb db, CancellationToken ct) => TypedResults.Ok(await OrganizationReading.OfAsync(db, caller, ct));
}
