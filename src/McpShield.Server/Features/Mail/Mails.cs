using System.Globalization;
using McpShield.Contracts;
using McpShield.Data;

namespace McpShield.Server.Features.Mail;

/// <summary>Puts mails on their way, in the transaction of what they tell of: the next <c>SaveChanges</c> writes them, the worker sends them.</summary>
/// <remarks>THREAT: whoever registers an address may not put words into a mail to it. Only mails that an account's owner causes carry names.</remarks>
internal static class Mails
{
    /// <summary>Rings when a mail was written in this process, so that it need not wait for the next look.</summary>
    public static event Action? Written;

    /// <summary>A one-time code.</summary>
    public static void Otp(ShieldDb db, string to, string purpose, string code, TimeSpan lifetime, DateTimeOffset now)
    {
        var minutes = Minutes(lifetime);
        Add(db, to, now, purpose == OtpPurposes.ResetPassword
            ? new("otp", "Reset your MCPShield password", "Enter this code to choose a new password.")
            {
                Code = code, UselessAfter = now + lifetime, Note = $"The code is good for {minutes}, once. If you did not ask for it, ignore this mail: your password stays as it is.",
            }
            : new("otp", "Your MCPShield code", "Enter this code to confirm your e-mail address.")
            {
                Code = code, UselessAfter = now + lifetime, Note = $"The code is good for {minutes}, once. If you did not register, ignore this mail and do not pass the code on: without it nothing happens.",
            });
    }

    /// <summary>To the owner of an address that somebody registered again.</summary>
    public static void SomebodyRegistered(ShieldDb db, string to, Uri web, DateTimeOffset now) => Add(db, to, now,
        new("somebody_registered", "You have an MCPShield account already", "Somebody, maybe you, tried to register with this address, which has an account already. Nothing was changed.")
        {
            Link = new("Sign in", new(web, "/auth/sign-in")), Note = "If you do not know your password any more, choose \u201cForgot password\u201d on that page. If it was not you, there is nothing to do.",
        });

    /// <summary>The password is another one.</summary>
    public static void PasswordChanged(ShieldDb db, string to, Uri web, DateTimeOffset now) => Add(db, to, now,
        new("password_changed", "Your MCPShield password was changed", $"Your password was changed on {Moment(now)}, and other sessions were ended.")
        {
            Link = new("Reset the password", new(web, "/auth/forgot-password")), Note = "If it was you, there is nothing to do. If it was not, reset the password now.",
        });

    /// <summary>An invitation into an organization.</summary>
    public static void Invitation(ShieldDb db, string to, string organization, string inviter, string role, Uri link, DateTimeOffset expires, DateTimeOffset now) => Add(db, to, now,
        new("invitation", $"Join {organization} on MCPShield", $"{inviter} invites you to {organization} as {role}.")
        {
            Link = new("Accept the invitation", link), UselessAfter = expires, Note = $"The link is good until {Moment(expires)}. If you do not know who this is, ignore this mail.",
        });

    /// <summary>Most of the plan's events are used.</summary>
    public static void UsageWarning(ShieldDb db, string to, string organization, long used, long limit, Uri link, DateTimeOffset now) => Add(db, to, now,
        new("usage_warning", $"{organization}: most of this month's events are used", $"{organization} has used {Number(used)} of this month's {Number(limit)} events.") { Link = new("See the usage", link), Note = "You can turn these mails off in the settings." });

    /// <summary>The plan's events are used up.</summary>
    public static void UsageExceeded(ShieldDb db, string to, string organization, long limit, string consequence, Uri link, DateTimeOffset now) => Add(db, to, now,
        new("usage_exceeded", $"{organization}: this month's events are used up", $"{organization} has used all {Number(limit)} events of this month. {consequence}") { Link = new("See the plans", link), Note = "You can turn these mails off in the settings." });

    /// <summary>Something about the account's safety.</summary>
    public static void Notice(ShieldDb db, string to, string subject, string sentence, DateTimeOffset now, MailLink? link = null, string? note = null) => Add(db, to, now, new("security", subject, sentence) { Link = link, Note = note });

    /// <summary>Any mail.</summary>
    public static void Add(ShieldDb db, string to, DateTimeOffset now, MailContent mail)
    {
        db.MailOutbox.Add(new()
        {
            Id = Guid.CreateVersion7(now),
            ToEmail = to,
            Kind = mail.Kind,
            Subject = MailLayout.Subject(mail),
            TextBody = MailLayout.Text(mail),
            HtmlBody = MailLayout.Html(mail),
            DueAt = now,
            UselessAfter = mail.UselessAfter,
            CreatedAt = now,
        });
        db.SavedChanges -= Ring;
        db.SavedChanges += Ring;
    }

    private static void Ring(object? sender, Microsoft.EntityFrameworkCore.SavedChangesEventArgs saved) => Written?.Invoke();

    private static string Minutes(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes");

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("d MMMM yyyy 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
