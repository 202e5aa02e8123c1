using System.Net;
using McpShield.Data;
using McpShield.Data.Organizations;

namespace McpShield.Server.Features.Members;

/// <summary>The mail of an invitation.</summary>
internal static class InvitationMail
{
    /// <summary>Adds the mail to what the next <c>SaveChanges</c> writes.</summary>
    public static void Add(ShieldDb db, Invitation invitation, string organization, string inviter, Uri link) => db.MailOutbox.Add(new()
    {
        Id = Guid.CreateVersion7(invitation.CreatedAt),
        ToEmail = invitation.Email,
        Kind = "invitation",
        // THREAT: names come from people: nothing of them may become a header of its own.
        Subject = OneLine($"{inviter} invites you to {organization} on MCPShield"),
        TextBody =
            $"""
            {OneLine(inviter)} invites you to join {OneLine(organization)} on MCPShield as {MembersFeature.NameOf(invitation.Role)}.

            Accept with this link, within seven days, signed in with this address:
            {link}

            If you do not know what this is about, do nothing.
            """,
        HtmlBody =
            $"""
            <p>{WebUtility.HtmlEncode(inviter)} invites you to join <b>{WebUtility.HtmlEncode(organization)}</b> on MCPShield as {MembersFeature.NameOf(invitation.Role)}.</p>
            <p><a href="{WebUtility.HtmlEncode(link.ToString())}">Accept the invitation</a> within seven days, signed in with this address.</p>
            <p>If you do not know what this is about, do nothing.</p>
            """,
        DueAt = invitation.CreatedAt,
        UselessAfter = invitation.ExpiresAt,
        CreatedAt = invitation.CreatedAt,
    });

    private static string OneLine(string text) => string.Concat(text.Select(static unit => char.IsControl(unit) ? ' ' : unit));
}
