using System.Net;
using McpShield.Data;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>Mails about plans and invoices, to owners who want them.</summary>
internal static class BillingMail
{
    /// <summary>Adds a mail to what the next <c>SaveChanges</c> writes.</summary>
    public static async Task AddAsync(ShieldDb db, Payer payer, string kind, string subject, string text, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.UserSettings.AnyAsync(settings => settings.UserId == payer.UserId && !settings.NotifyBilling, ct)) return;
        db.MailOutbox.Add(new()
        {
            Id = Guid.CreateVersion7(now),
            ToEmail = payer.Email,
            Kind = kind,
            Subject = subject,
            TextBody = $"Hello {payer.Name},\n\n{text}\n",
            HtmlBody = $"<p>Hello {WebUtility.HtmlEncode(payer.Name)},</p><p>{WebUtility.HtmlEncode(text)}</p>",
            DueAt = now,
            CreatedAt = now,
        });
    }
}
