using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Auth;

internal static class VerifyOtp
{
    /// <summary>The purpose of tickets that set a new password.</summary>
    public const string ResetTicket = "password-reset";

    private static readonly TimeSpan ResetLifetime = TimeSpan.FromMinutes(15);

    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/otp/verify", HandleAsync)
        .ForAnyone()
        .WithName("auth.otp.verify")
        .WithSummary("Present a one-time code")
        .WithDescription("For `verify_email` the address is verified; for `reset_password` the answer holds a `reset_token`. A code is void after five wrong tries.")
        .Refuses(StatusCodes.Status400BadRequest, "otp.invalid");

    private static async Task<Results<Ok<OtpVerifyResponse>, ProblemHttpResult>> HandleAsync(OtpVerifyRequest request, HttpContext context, ShieldDb db, EphemeralStores stores, Codes codes, SignIns signIns, TimeProvider clock, CancellationToken ct)
    {
        var email = User.Normalize(request.Email);
        if (!await codes.TryUseAsync(email, request.Purpose, request.Code.Trim(), ct)) return Invalid();
        if (await db.Users.SingleOrDefaultAsync(user => user.Email == email && user.Profile!.Status == Profile.Active, ct) is not { } user) return Invalid();

        if (request.Purpose == OtpPurposes.ResetPassword)
        {
            var token = await stores.Tickets.IssueAsync(ResetTicket, user.Id.ToString("D"), user.Id.ToByteArray(), ResetLifetime, ct);
            return TypedResults.Ok(new OtpVerifyResponse(ResetToken: token));
        }

        if (!user.IsEmailVerified)
        {
            var now = clock.GetUtcNow();
            (user.IsEmailVerified, user.UpdatedAt) = (true, now);
            var organization = await SignIns.OwnOrganizationAsync(db, user.Id, ct);
            db.Record(signIns.CallerOf(context, user, organization, Guid.Empty), "account.verified", ActionTarget.Of("user", user.Id), now);
            await db.SaveChangesAsync(ct);
        }

        return TypedResults.Ok(new OtpVerifyResponse(Verified: true));
    }

    // Wrong, expired, used, never sent: which of them is nobody's business.
    private static ProblemHttpResult Invalid() => Problems.BadRequest("otp.invalid", "The code is not right, or not any more. Check it, or ask for a new one.");
}
