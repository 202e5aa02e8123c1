using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Me;

internal static class GetSettings
{
    public static void Map(RouteGroupBuilder me) => me.MapGet("/settings", HandleAsync)
        .ForSignedIn()
        .WithName("me.settings.get")
        .WithSummary("How the caller wants things");

    public static MySettings ToResponse(this UserSettings settings) => new(
        settings.NotifyUsage, settings.NotifySecurity, settings.NotifyBilling, settings.NotifyProduct, settings.TimeZone, settings.Theme, settings.DefaultEnvironment, settings.DefaultKeyDays);

    private static async Task<Ok<MySettings>> HandleAsync(Caller caller, ShieldDb db, CancellationToken ct) =>
        TypedResults.Ok((await db.UserSettings.AsNoTracking().SingleOrDefaultAsync(settings => settings.UserId == caller.UserId, ct) ?? new UserSettings()).ToResponse());
}
