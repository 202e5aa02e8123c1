using McpShield.Data;
using McpShield.Server.Features.Mail;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>Mails about plans and invoices, to owners who want them.</summary>
internal static class BillingMail
{
    /// <summary>Adds a mail to what the next <c>SaveChanges</c> writes.</summary>
    public static async Task AddAsync(ShieldDb db, Payer payer, string kind, string subject, string text, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.UserSettings.AnyAsync(settings => settings.UserId == payer.UserId && !settings.NotifyBilling, ct)) return;
        Mails.Add(db, payer.Email, now, new(kind, subject, text) { Note = "You can turn these mails off in the settings." });
    }
}
