using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Data.Secrets;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Auth;

internal static class Login
{
    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/login", HandleAsync)
        .ForAnyone()
        .WithName("auth.login")
        .WithSummary("Sign in with e-mail and password")
        .WithDescription("The refresh token comes in the answer and as the cookie `mcpshield_refresh`. At most five tries in fifteen minutes for an address from one place.")
        .Refuses(StatusCodes.Status401Unauthorized, "auth.wrong")
        .Refuses(StatusCodes.Status403Forbidden, "auth.email-not-verified")
        .Refuses(StatusCodes.Status429TooManyRequests, "auth.too-many-tries");

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(
        LoginRequest request, HttpContext context, ShieldDb db, ShieldSettings settings, EphemeralStores stores, PasswordWork passwords, SignIns signIns, Visitors visitors, CancellationToken ct)
    {
        var email = User.Normalize(request.Email);
        var tries = $"login {email} {visitors.Address(context)}";
        var attempt = await stores.Attempts.TryTakeAsync(tries, settings.LoginTries, settings.LoginWindow, ct);
        if (!attempt.IsAllowed) return Problems.TooMany(context, "auth.too-many-tries", "Too many tries to sign in. Wait as `Retry-After` says, or reset the password.", attempt.RetryAfter);

        // THREAT: no answer tells, by its words or its time, whether there is such an account, whether it is suspended, or whether it has a password.
        var user = await db.Users.Include(static user => user.Profile).SingleOrDefaultAsync(user => user.Email == email, ct);
        var isRight = await passwords.VerifyAsync(user?.PasswordHash, request.Password, ct);
        if (!isRight || user is not { Profile.Status: Profile.Active }) return Problems.Unauthorized("auth.wrong", "The e-mail address or the password is wrong.");
        if (!user.IsEmailVerified) return Problems.Forbidden("auth.email-not-verified", "The e-mail address is not verified yet. Enter the code that was sent there, or ask for a new one.");

        await stores.Attempts.ResetAsync(tries, ct);
        if (Passwords.NeedsRehash(user.PasswordHash!)) user.PasswordHash = await passwords.HashAsync(request.Password, ct);
        return TypedResults.Ok(await signIns.BeginAsync(context, db, user, request.RememberMe ?? false, "password", ct));
    }
}
