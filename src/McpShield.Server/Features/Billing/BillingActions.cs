using System.Text.Json.Nodes;
using McpShield.Data;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Billing;

/// <summary>Records what happens to a payer's plan and invoices, also where no person does it.</summary>
internal static class BillingActions
{
    /// <summary>As done by <paramref name="caller"/>; <c>null</c>: by the program itself.</summary>
    public static void RecordFor(this ShieldDb db, Payer payer, Caller? caller, string action, ActionTarget target, DateTimeOffset now, JsonObject? before = null, JsonObject? after = null)
    {
        if (caller is not null) db.Record(caller, action, target, now, before: before, after: after);
        else db.RecordSystem(payer, action, target, now, before, after);
    }

    public static void RecordSystem(this ShieldDb db, Payer payer, string action, ActionTarget target, DateTimeOffset now, JsonObject? before = null, JsonObject? after = null, string actor = "system") => db.ActionOutbox.Add(new()
    {
        Id = Guid.CreateVersion7(now),
        OrgId = payer.OrganizationId,
        ActorName = actor,
        Action = action,
        TargetType = target.Type,
        TargetId = target.Id,
        Before = before?.ToJsonString(),
        After = after?.ToJsonString(),
        CreatedAt = now,
    });
}
