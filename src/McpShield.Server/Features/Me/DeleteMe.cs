using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Features.Auth;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Me;

internal static class DeleteMe
{
    public static void Map(RouteGroupBuilder me) => me.MapDelete("", HandleAsync)
        .ForSignedIn()
        .WithName("me.delete")
        .WithSummary("Delete the caller's account with everything it owns")
        .WithDescription("The organization with its projects, connections and keys goes, too: keys stop working within a second, and other members of the organization lose access to it. What the audit log says of the organization is erased. It cannot be undone; `GET /me/export` before keeps a copy.")
        .Refuses(StatusCodes.Status403Forbidden, "password.wrong", "session.not-fresh")
        .Refuses(StatusCodes.Status429TooManyRequests, "auth.too-many-tries");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        [FromBody] DeleteMeRequest request, Caller caller, HttpContext context, ShieldDb db, EphemeralStores stores, PasswordWork passwords, SignIns signIns, TimeProvider clock, CancellationToken ct)
    {
        var user = await db.Users.SingleAsync(user => user.Id == caller.UserId, ct);
        if (await MeFeature.ProveAsync(context, caller, user, request.Password, stores, passwords, clock, ct) is { } problem) return problem;

        var now = clock.GetUtcNow();
        var own = await SignIns.OwnOrganizationAsync(db, user.Id, ct);
        var others = await db.Members.Where(member => member.UserId == user.Id && member.OrgId != own).Select(static member => member.OrgId).ToListAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.MailOutbox.Where(mail => mail.ToEmail == user.Email).ExecuteDeleteAsync(ct);
        db.Users.Remove(user); // the rest goes with it: the database's foreign keys say so
        db.Record(caller with { OrganizationId = own }, "account.deleted", ActionTarget.Of("user", user.Id), now);
        foreach (var other in others) db.Record(caller with { OrganizationId = other }, "member.left", ActionTarget.Of("user", user.Id), now);
        Mails.Notice(db, user.Email, "Your MCPShield account was deleted", "Your account was deleted, with its organization, projects and keys.", now, note: "If it was not you, tell whoever operates this service.");
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            // A copy of the request was faster; gone is gone.
        }

        await transaction.CommitAsync(ct);
        await stores.Sessions.RevokeAllAsync(user.Id, except: null, ct);
        signIns.Forget(context);
        return TypedResults.NoContent();
    }
}
