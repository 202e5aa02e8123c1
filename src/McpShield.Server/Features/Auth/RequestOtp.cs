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

internal static class RequestOtp
{
    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/otp/request", HandleAsync)
        .ForAnyone()
        .WithName("auth.otp.request")
        .WithSummary("Have a one-time code sent")
        .WithDescription("To verify the address, or to reset the password. The answer is the same whether the address has an account or not. At most three requests in five minutes for an address.")
        .Refuses(StatusCodes.Status429TooManyRequests, "auth.too-many-codes");

    private static async Task<Results<Accepted<MailSentResponse>, ProblemHttpResult>> HandleAsync(OtpRequest request, HttpContext context, ShieldDb db, ShieldSettings settings, EphemeralStores stores, Codes codes, CancellationToken ct)
    {
        var email = User.Normalize(request.Email);
        var attempt = await stores.Attempts.TryTakeAsync($"otp {email}", settings.OtpRequests, settings.OtpWindow, ct);
        if (!attempt.IsAllowed) return Problems.TooMany(context, "auth.too-many-codes", "Several codes were asked for just now. Wait as `Retry-After` says; the newest code is the one that works.", attempt.RetryAfter);

        return await EvenAnswers.AfterAsync(async () =>
        {
            var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Email == email && user.Profile!.Status == Profile.Active, ct);
            if (user is not null && (request.Purpose == OtpPurposes.ResetPassword || !user.IsEmailVerified))
            {
                await codes.SendAsync(db, email, request.Purpose, ct);
                await db.SaveChangesAsync(ct);
            }

            return TypedResults.Accepted((string?)null, new MailSentResponse(Codes.Sent));
        });
    }
}
