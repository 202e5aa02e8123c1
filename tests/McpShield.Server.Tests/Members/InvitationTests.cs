using System.Net;
using System.Text.RegularExpressions;
using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Members;

public sealed partial class InvitationTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_invited_gets_a_mail_and_joins_with_its_link()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));

        var invitation = await ada.Api.Organizations.InviteAsync(new(bob.Email.ToUpperInvariant(), "developer"), Ct);
        Assert.Equal((bob.Email, "developer", "ada Test"), (invitation.Email, invitation.Role, invitation.InvitedBy));
        Assert.Equal(invitation.Id, Assert.Single((await ada.Api.Organizations.ListMembersAsync(Ct)).Invitations).Id);

        var joined = await bob.Api.Organizations.AcceptInvitationAsync(new(await TokenAsync(bob)), Ct);

        Assert.Equal((ada.OrganizationId, "developer"), (joined.Id, joined.Role));
        var people = await ada.Api.Organizations.ListMembersAsync(Ct);
        Assert.Equal(["bob Test developer", "ada Test owner"], people.Items.Select(static one => $"{one.Name} {one.Role}"));
        Assert.Empty(people.Invitations);
        await bob.Api.Projects.CreateAsync(new("made by bob"), Ct, ada.OrganizationId);
    }

    [Fact]
    public async Task Ones_own_invitations_are_listed_and_accepted_by_their_id()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await ada.Api.Organizations.InviteAsync(new(bob.Email, "auditor"), Ct);

        var mine = Assert.Single((await bob.Api.Organizations.ListInvitationsAsync(Ct)).Items);
        Assert.Equal(("ada's organization", "auditor", "ada Test"), (mine.OrganizationName, mine.Role, mine.InvitedBy));
        Assert.Empty((await ada.Api.Organizations.ListInvitationsAsync(Ct)).Items);

        Assert.Equal("auditor", (await bob.Api.Organizations.AcceptInvitationAsync(new(InvitationId: mine.Id), Ct)).Role);
        Assert.Empty((await bob.Api.Organizations.ListInvitationsAsync(Ct)).Items);
    }

    [Fact]
    public async Task An_invitation_works_once_however_many_ask_at_once()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await ada.Api.Organizations.InviteAsync(new(bob.Email, "developer"), Ct);
        var token = await TokenAsync(bob);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var answer = await bob.Http.PostAsync("/invitations/accept", Answers.Json($$"""{"token": "{{token}}"}"""), Ct);
            return answer.StatusCode;
        }));

        Assert.Equal(1, outcomes.Count(static status => status == HttpStatusCode.OK));
        Assert.All(outcomes, static status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.NotFound, status.ToString()));
    }

    [Fact]
    public async Task Somebody_elses_invitation_opens_nothing()
    {
        var (ada, bob, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct), await server.SignInAsync("eve", Ct));
        var invitation = await ada.Api.Organizations.InviteAsync(new(bob.Email, "admin"), Ct);
        var token = await TokenAsync(bob);

        await Answers.RefusedAsync(() => eve.Api.Organizations.AcceptInvitationAsync(new(token), Ct), HttpStatusCode.Forbidden, "invitation.other-address");
        await Answers.RefusedAsync(() => eve.Api.Organizations.AcceptInvitationAsync(new(InvitationId: invitation.Id), Ct), HttpStatusCode.NotFound, "invitation.not-found");
        await Answers.RefusedAsync(() => eve.Api.Organizations.GetAsync(Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task An_address_that_is_not_verified_accepts_nothing()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await ada.Api.Organizations.InviteAsync(new(bob.Email, "developer"), Ct);
        var token = await TokenAsync(bob);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            await db.Users.Where(user => user.Id == bob.UserId).ExecuteUpdateAsync(static set => set.SetProperty(static user => user.IsEmailVerified, false), Ct);
        }

        await Answers.RefusedAsync(() => bob.Api.Organizations.AcceptInvitationAsync(new(token), Ct), HttpStatusCode.Forbidden, "invitation.other-address");
        Assert.Empty((await bob.Api.Organizations.ListInvitationsAsync(Ct)).Items);
    }

    [Fact]
    public async Task Inviting_again_replaces_the_invitation()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await ada.Api.Organizations.InviteAsync(new(bob.Email, "auditor"), Ct);
        var old = await TokenAsync(bob);

        await ada.Api.Organizations.InviteAsync(new(bob.Email, "developer"), Ct);

        Assert.Equal("developer", Assert.Single((await ada.Api.Organizations.ListMembersAsync(Ct)).Invitations).Role);
        await Answers.RefusedAsync(() => bob.Api.Organizations.AcceptInvitationAsync(new(old), Ct), HttpStatusCode.NotFound, "invitation.not-found");
    }

    [Fact]
    public async Task An_invitation_that_was_taken_back_or_is_too_old_is_none()
    {
        var (ada, bob, carl) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct), await server.SignInAsync("carl", Ct));
        var taken = await ada.Api.Organizations.InviteAsync(new(bob.Email, "developer"), Ct);
        var late = await ada.Api.Organizations.InviteAsync(new(carl.Email, "developer"), Ct);
        Assert.InRange(late.ExpiresAt, late.CreatedAt.AddDays(6.9), late.CreatedAt.AddDays(7.1));
        await ada.Api.Organizations.RevokeInvitationAsync(taken.Id, Ct);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            var past = TimeProvider.System.GetUtcNow().AddSeconds(-1);
            await db.Invitations.Where(one => one.Id == late.Id).ExecuteUpdateAsync(set => set.SetProperty(static one => one.ExpiresAt, past), Ct);
        }

        foreach (var person in new[] { bob, carl })
        {
            var token = await TokenAsync(person);
            await Answers.RefusedAsync(() => person.Api.Organizations.AcceptInvitationAsync(new(token), Ct), HttpStatusCode.NotFound, "invitation.not-found");
        }

        await Answers.RefusedAsync(() => ada.Api.Organizations.RevokeInvitationAsync(taken.Id, Ct), HttpStatusCode.NotFound, "invitation.not-found");
        Assert.Empty((await ada.Api.Organizations.ListMembersAsync(Ct)).Invitations);
    }

    [Theory]
    [InlineData("""{"email": "x", "role": "developer"}""", "email")]
    [InlineData("""{"role": "developer"}""", "email")]
    [InlineData("""{"email": "x@example.com"}""", "role")]
    [InlineData("""{"email": "x@example.com", "role": "owner"}""", "role")]
    [InlineData("""{"email": "x@example.com", "role": "Developer"}""", "role")]
    public async Task A_field_that_is_wrong_is_named(string body, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.PostAsync("/organization/members", Answers.Json(body), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"token": "x", "invitation_id": "01939000-0000-7000-8000-000000000001"}""")]
    public async Task One_of_token_and_id_is_needed(string body)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.PostAsync("/invitations/accept", Answers.Json(body), Ct);

        await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
    }

    [Fact]
    public async Task Only_the_owner_invites_admins_and_only_admins_invite_at_all()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var (admin, developer) = (await server.ColleagueAsync(ada, "bob", "admin", Ct), await server.ColleagueAsync(ada, "dan", "developer", Ct));
        var email = $"new-{ada.UserId:N}@example.com";

        await Answers.RefusedAsync(() => admin.Api.Organizations.InviteAsync(new(email, "admin"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "member.owner-only");
        await Answers.RefusedAsync(() => developer.Api.Organizations.InviteAsync(new(email, "auditor"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
        var made = await admin.Api.Organizations.InviteAsync(new(email, "auditor"), Ct, ada.OrganizationId);
        await Answers.RefusedAsync(() => developer.Api.Organizations.RevokeInvitationAsync(made.Id, Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task A_member_is_not_invited_again()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);

        await Answers.RefusedAsync(() => ada.Api.Organizations.InviteAsync(new(bob.Email, "auditor"), Ct), HttpStatusCode.Conflict, "member.exists");
    }

    [Fact]
    public async Task A_plan_with_room_for_two_takes_one_invitation_however_many_are_sent_at_once()
    {
        var plan = await SmallPlanAsync(2);
        var ada = await server.SignInAsync("ada", Ct, plan);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(async number =>
        {
            using var answer = await ada.Http.PostAsync("/organization/members", Answers.Json($$"""{"email": "n{{number}}-{{ada.UserId:N}}@example.com", "role": "auditor"}"""), Ct);
            if (answer.StatusCode != HttpStatusCode.Created) await answer.IsProblemAsync(HttpStatusCode.Conflict, "plan.members-used-up", Ct);
            return answer.StatusCode;
        }));

        Assert.Equal(1, outcomes.Count(static status => status == HttpStatusCode.Created));
    }

    [Fact]
    public async Task One_address_is_not_flooded_with_invitations()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var email = $"flood-{ada.UserId:N}@example.com";
        for (var attempt = 0; attempt < 5; attempt++) await ada.Api.Organizations.InviteAsync(new(email, "auditor"), Ct);

        var problem = await Answers.RefusedAsync(() => ada.Api.Organizations.InviteAsync(new(email, "auditor"), Ct), HttpStatusCode.TooManyRequests, "invitation.too-many");

        Assert.NotNull(problem.RetryAfter);
    }

    [Fact]
    public async Task The_invitation_of_others_does_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        var made = await ada.Api.Organizations.InviteAsync(new($"new-{ada.UserId:N}@example.com", "auditor"), Ct);

        await Answers.RefusedAsync(() => eve.Api.Organizations.RevokeInvitationAsync(made.Id, Ct), HttpStatusCode.NotFound, "invitation.not-found");
        await Answers.RefusedAsync(() => eve.Api.Organizations.InviteAsync(new("x@example.com", "auditor"), Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    private async Task<string> TokenAsync(Person person)
    {
        await using var db = server.Services.GetRequiredService<ShieldDatabase>().Open();
        var mail = await db.MailOutbox.AsNoTracking().Where(mail => mail.ToEmail == person.Email && mail.Kind == "invitation").OrderByDescending(static mail => mail.CreatedAt).FirstAsync(Ct);
        return Link().Match(mail.TextBody).Groups["token"].Value;
    }

    private async Task<string> SmallPlanAsync(int members)
    {
        await using var db = server.Services.GetRequiredService<ShieldDatabase>().Open();
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var plan = new Plan { Id = id, Code = $"small-{id:N}"[..32], Name = "Small", Description = "for tests", IsActive = false, Limits = new(null, null, null, null, MaxMembers: members) };
        db.Plans.Add(plan);
        await db.SaveChangesAsync(Ct);
        return plan.Code;
    }

    [GeneratedRegex("/invitations#(?<token>[A-Za-z0-9_-]{43})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
