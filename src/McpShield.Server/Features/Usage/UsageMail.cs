using System.Globalization;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Billing;
using McpShield.Server.Features.Mail;

namespace McpShield.Server.Features.Usage;

/// <summary>Tells an owner that the plan's events are nearly or wholly used.</summary>
internal static class UsageMail
{
    /// <summary>Adds the mail to what the next <c>SaveChanges</c> writes.</summary>
    public static void Add(ShieldDb db, User owner, Plan plan, long count, long limit, bool isExceeded, DateTimeOffset now)
    {
        var subject = isExceeded ? "Your plan's events of this month are used up" : "Most of your plan's events of this month are used";
        var numbers = string.Create(CultureInfo.InvariantCulture, $"{count:N0} of the {limit:N0} events that the {plan.Name} plan includes in {Months.Name(now)} are used.");
        var then = plan.Limits.PastLimit switch
        {
            PastLimit.Warn => "Events beyond that are still taken.",
            PastLimit.Bill => "Events beyond that are put on the invoice.",
            _ => string.Create(CultureInfo.InvariantCulture, $"Beyond that, calls of your agents are refused until {Months.After(now):yyyy-MM-dd} (UTC)."),
        };
        Mails.Add(db, owner.Email, now, new(isExceeded ? "usage_exceeded" : "usage_warning", subject, $"{numbers} {then}")
        {
            UselessAfter = Months.After(now), Note = "You can change the plan on the billing page, and these mails in your settings.",
        });
    }
}
