using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Billing;
using McpShield.Data.Ephemeral;
using McpShield.Data.Organizations;
using McpShield.Server.Features.Billing;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Auth;

internal static class Register
{
    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/register", HandleAsync)
        .ForAnyone()
        .WithName("auth.register")
        .WithSummary("Make an account")
        .WithDescription("Makes the user, their organization and a free subscription, and sends a code to the address. The answer is the same whether the address has an account already or not; its owner is told by mail.")
        .Refuses(StatusCodes.Status429TooManyRequests, "auth.too-many-codes");

    private static async Task<Results<Created<MailSentResponse>, ProblemHttpResult>> HandleAsync(
        RegisterRequest request, HttpContext context, ShieldDb db, ShieldSettings settings, EphemeralStores stores, PasswordWork passwords, Codes codes, Visitors visitors, TimeProvider clock, CancellationToken ct)
    {
        var email = User.Normalize(request.Email);
        if (PasswordRules.Problem(request.Password, email) is { } problem) return Problems.Invalid("password", problem);

        // THREAT: a mailbox flooded through us. As many mails as there are codes, also to addresses without an account.
        var attempt = await stores.Attempts.TryTakeAsync($"register {email}", settings.OtpRequests, settings.OtpWindow, ct);
        if (!attempt.IsAllowed) return Problems.TooMany(context, "auth.too-many-codes", "This address was registered several times just now. Wait as `Retry-After` says.", attempt.RetryAfter);

        var hash = await passwords.HashAsync(request.Password, ct);
        return await EvenAnswers.AfterAsync(async () =>
        {
            var fresh = NewUser(request, email, hash, clock.GetMoment());
            if (!await TryCreateAsync(db, fresh, request, codes, visitors.Address(context), ct)) await TellOwnerAsync(db, fresh, settings, codes, ct);
            return TypedResults.Created((string?)null, new MailSentResponse(Codes.Sent));
        });
    }

    private static User NewUser(RegisterRequest request, string email, string hash, DateTimeOffset now)
    {
        var user = new User { Id = Guid.CreateVersion7(now), Email = email, PasswordHash = hash, FirstName = request.FirstName.Trim(), LastName = request.LastName.Trim(), CreatedAt = now, UpdatedAt = now };
        user.Profile = new() { Id = Guid.CreateVersion7(now), UserId = user.Id, Company = request.Company?.Trim() is { Length: > 0 } company ? company : null, CreatedAt = now, UpdatedAt = now };
        return user;
    }

    // False: the address has an account. The index decides, not the question before it.
    private static async Task<bool> TryCreateAsync(ShieldDb db, User user, RegisterRequest request, Codes codes, string address, CancellationToken ct)
    {
        if (await db.Users.AnyAsync(one => one.Email == user.Email, ct)) return false;

        var now = user.CreatedAt;
        var organization = new Organization { Id = Guid.CreateVersion7(now), Name = user.Profile!.Company ?? $"{user.FirstName} {user.LastName}", OwnerUserId = user.Id, CreatedAt = now, UpdatedAt = now };
        db.AddRange(user, organization, new Member { OrgId = organization.Id, UserId = user.Id, Role = Role.Owner, CreatedAt = now });
        await SeededPlans.SubscribeAsync(db, user.Id, Plan.Free, now, ct);
        db.Record(new(user.Id, user.Email, $"{user.FirstName} {user.LastName}", Guid.Empty, organization.Id, Role.Owner, address), "account.created", ActionTarget.Of("user", user.Id), now, after: new() { ["organization"] = organization.Name });
        await codes.SendAsync(db, user.Email, OtpPurposes.VerifyEmail, ct);
        try
        {
            await db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    private static async Task TellOwnerAsync(ShieldDb db, User fresh, ShieldSettings settings, Codes codes, CancellationToken ct)
    {
        var user = await db.Users.Include(static one => one.Profile).SingleOrDefaultAsync(one => one.Email == fresh.Email, ct);
        if (user?.Profile?.Status != Profile.Active) return;
        if (user.IsEmailVerified)
        {
            Mails.SomebodyRegistered(db, user.Email, settings.WebUrl, fresh.CreatedAt);
        }
        else
        {
            // THREAT: somebody registers another's address first and waits until its owner verifies it. The code that is in force always
            // stands for the password that is in force: the last registration's.
            (user.PasswordHash, user.FirstName, user.LastName, user.UpdatedAt) = (fresh.PasswordHash, fresh.FirstName, fresh.LastName, fresh.CreatedAt);
            await codes.SendAsync(db, user.Email, OtpPurposes.VerifyEmail, ct);
        }

        await db.SaveChangesAsync(ct);
    }
}
