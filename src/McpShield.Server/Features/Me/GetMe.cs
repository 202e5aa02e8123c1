using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Me;

internal static class GetMe
{
    public static void Map(RouteGroupBuilder me) => me.MapGet("", HandleAsync)
        .ForSignedIn()
        .WithName("me.get")
        .WithSummary("The caller, their organizations and roles, and their plan");

    private static async Task<Ok<MeResponse>> HandleAsync(Caller caller, ShieldDb db, CancellationToken ct) => TypedResults.Ok(await MeFeature.ReadAsync(db, caller.UserId, ct));
}
