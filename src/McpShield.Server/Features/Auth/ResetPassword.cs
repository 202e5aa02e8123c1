using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Auth;

internal static class ResetPassword
{
    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/password/reset", HandleAsync)
        .ForAnyone()
        .WithName("auth.password.reset")
        .WithSummary("Set a new password after a code")
        .WithDescription("Ends every session of the account and tells its owner by mail. The address counts as verified: the code went there.")
        .Refuses(StatusCodes.Status400BadRequest, "reset.invalid");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        PasswordResetRequest request, HttpContext context, ShieldDb db, ShieldSettings settings, EphemeralStores stores, PasswordWork passwords, SignIns signIns, TimeProvider clock, CancellationToken ct)
    {
        // Only looked at here: a password that is not taken does not use the token up.
        if (await UserAsync(db, await stores.Tickets.PeekAsync(VerifyOtp.ResetTicket, request.ResetToken, ct), ct) is not { } user) return Invalid();
        if (PasswordRules.Problem(request.Password, user.Email) is { } problem) return Problems.Invalid("password", problem);

        var hash = await passwords.HashAsync(request.Password, ct);
        if (await stores.Tickets.TakeAsync(VerifyOtp.ResetTicket, request.ResetToken, ct) is null) return Invalid();

        var now = clock.GetUtcNow();
        (user.PasswordHash, user.IsEmailVerified, user.UpdatedAt) = (hash, true, now);
        Mails.PasswordChanged(db, user.Email, settings.WebUrl, now);
        var organization = await SignIns.OwnOrganizationAsync(db, user.Id, ct);
        db.Record(signIns.CallerOf(context, user, organization, Guid.Empty), "account.password-reset", ActionTarget.Of("user", user.Id), now);
        await db.SaveChangesAsync(ct);

        // After the change: whoever got in with the old password meanwhile is out, too.
        await stores.Sessions.RevokeAllAsync(user.Id, except: null, ct);
        await stores.Tickets.RevokeAllAsync(VerifyOtp.ResetTicket, user.Id.ToString("D"), ct);
        signIns.Forget(context);
        return TypedResults.NoContent();
    }

    private static async Task<User?> UserAsync(ShieldDb db, byte[]? ticket, CancellationToken ct)
    {
        if (ticket is not { Length: 16 }) return null;
        var id = new Guid(ticket);
        return await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.Profile!.Status == Profile.Active, ct);
    }

    private static ProblemHttpResult Invalid() => Problems.BadRequest("reset.invalid", "The reset token is not good, or not any more. Begin again with a new code.");
}
