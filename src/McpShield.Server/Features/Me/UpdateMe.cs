using System.Text.Json.Nodes;
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

internal static class UpdateMe
{
    public static void Map(RouteGroupBuilder me) => me.MapPatch("", HandleAsync)
        .ForSignedIn()
        .WithName("me.update")
        .WithSummary("Change the caller's profile")
        .WithDescription("What is absent stays; an empty text takes a value away. The e-mail address does not change here.");

    private static async Task<Results<Ok<MeResponse>, ProblemHttpResult>> HandleAsync(UpdateMeRequest request, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Problem(request) is { } problem) return problem;

        var user = await db.Users.Include(static user => user.Profile).SingleAsync(user => user.Id == caller.UserId, ct);
        var (profile, now, before) = (user.Profile!, clock.GetMoment(), Shown(user));
        user.FirstName = request.FirstName?.Trim() ?? user.FirstName;
        user.LastName = request.LastName?.Trim() ?? user.LastName;
        profile.Company = Changed(profile.Company, request.Company);
        profile.JobTitle = Changed(profile.JobTitle, request.JobTitle);
        profile.Bio = Changed(profile.Bio, request.Bio);
        profile.Location = Changed(profile.Location, request.Location);
        profile.WebsiteUrl = Changed(profile.WebsiteUrl, request.WebsiteUrl);
        user.UpdatedAt = profile.UpdatedAt = now;
        db.Record(await caller.InOwnAsync(db, ct), "account.updated", ActionTarget.Of("user", user.Id), now, before: before, after: Shown(user));
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(await MeFeature.ReadAsync(db, caller.UserId, ct));
    }

    private static ProblemHttpResult? Problem(UpdateMeRequest request)
    {
        if (request.FirstName is not null && string.IsNullOrWhiteSpace(request.FirstName)) return Problems.Invalid("first_name", "must not be empty");
        if (request.LastName is not null && string.IsNullOrWhiteSpace(request.LastName)) return Problems.Invalid("last_name", "must not be empty");

        // THREAT: it becomes a link in somebody's dashboard; `javascript:` would run there.
        return request.WebsiteUrl?.Trim() is { Length: > 0 } website && !(Uri.TryCreate(website, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
            ? Problems.Invalid("website_url", "must be an http or https address")
            : null;
    }

    private static string? Changed(string? now, string? wanted) => wanted is null ? now : wanted.Trim() is { Length: > 0 } value ? value : null;

    private static JsonObject Shown(User user) => new()
    {
        ["first_name"] = user.FirstName,
        ["last_name"] = user.LastName,
        ["company"] = user.Profile!.Company,
        ["job_title"] = user.Profile.JobTitle,
        ["location"] = user.Profile.Location,
        ["website_url"] = user.Profile.WebsiteUrl,
    };
}
