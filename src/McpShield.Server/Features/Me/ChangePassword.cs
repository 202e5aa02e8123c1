using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Features.Auth;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Me;

internal static class ChangePassword
{
    public static void Map(RouteGroupBuilder me) => me.MapPost("/password", HandleAsync)
        .ForSignedIn()
        .WithName("me.password")
        .WithSummary("Change the caller's password")
        .WithDescription("Ends the caller's other sessions and tells them by mail. Whoever has no password yet sets one within 15 minutes of signing in.")
        .Refuses(StatusCodes.Status403Forbidden, "password.wrong", "session.not-fresh")
        .Refuses(StatusCodes.Status429TooManyRequests, "auth.too-many-tries");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        ChangePasswordRequest request, Caller caller, HttpContext context, ShieldDb db, ShieldSettings settings, EphemeralStores stores, PasswordWork passwords, TimeProvider clock, CancellationToken ct)
    {
        if (PasswordRules.Problem(request.NewPassword, caller.Email) is { } wrong) return Problems.Invalid("new_password", wrong);
        var user = await db.Users.SingleAsync(user => user.Id == caller.UserId, ct);
        if (await MeFeature.ProveAsync(context, caller, user, request.CurrentPassword, stores, passwords, clock, ct) is { } problem) return problem;

        var now = clock.GetUtcNow();
        (user.PasswordHash, user.UpdatedAt) = (await passwords.HashAsync(request.NewPassword, ct), now);
        Mails.PasswordChanged(db, user.Email, settings.WebUrl, now);
        db.Record(await caller.InOwnAsync(db, ct), "account.password-changed", ActionTarget.Of("user", user.Id), now);
        await db.SaveChangesAsync(ct);
        await stores.Sessions.RevokeAllAsync(user.Id, except: caller.SessionId, ct);
        await stores.Tickets.RevokeAllAsync(VerifyOtp.ResetTicket, user.Id.ToString("D"), ct);
        return TypedResults.NoContent();
    }
}
