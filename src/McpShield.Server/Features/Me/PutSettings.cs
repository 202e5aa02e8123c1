using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Me;

internal static class PutSettings
{
    public static void Map(RouteGroupBuilder me) => me.MapPut("/settings", HandleAsync)
        .ForSignedIn()
        .WithName("me.settings.put")
        .WithSummary("Change how the caller wants things");

    private static async Task<Results<Ok<MySettings>, ProblemHttpResult>> HandleAsync(MySettings request, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(request.TimeZone, out _)) return Problems.Invalid("time_zone", "must be an IANA name, like Europe/Paris");

        try
        {
            return TypedResults.Ok(await SaveAsync(request, caller, db, clock.GetMoment(), ct));
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            // A copy of the request made the row; now there is one to change.
            db.ChangeTracker.Clear();
            return TypedResults.Ok(await SaveAsync(request, caller, db, clock.GetMoment(), ct));
        }
    }

    private static async Task<MySettings> SaveAsync(MySettings request, Caller caller, ShieldDb db, DateTimeOffset now, CancellationToken ct)
    {
        var settings = await db.UserSettings.SingleOrDefaultAsync(settings => settings.UserId == caller.UserId, ct);
        if (settings is null) db.UserSettings.Add(settings = new() { UserId = caller.UserId });
        settings.NotifyUsage = request.NotifyUsage!.Value;
        settings.NotifySecurity = request.NotifySecurity!.Value;
        settings.NotifyBilling = request.NotifyBilling!.Value;
        settings.NotifyProduct = request.NotifyProduct!.Value;
        settings.TimeZone = request.TimeZone;
        settings.Theme = request.Theme;
        settings.DefaultEnvironment = request.DefaultEnvironment;
        settings.DefaultKeyDays = request.DefaultKeyDays;
        settings.UpdatedAt = now;
        db.Record(await caller.InOwnAsync(db, ct), "account.settings-changed", ActionTarget.Of("user", caller.UserId), now);
        await db.SaveChangesAsync(ct);
        return settings.ToResponse();
    }
}
