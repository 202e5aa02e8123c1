using System.Text.Json.Nodes;
using McpShield.Data;

namespace McpShield.Cli.Operator;

/// <summary>Puts what the operator does on its way into the audit log, in the transaction of the change itself.</summary>
internal static class OperatorRecords
{
    /// <summary>Adds the record to what the next <c>SaveChanges</c> writes.</summary>
    /// <param name="db">The unit of work that makes the change.</param>
    /// <param name="organization">Whose audits show it; <see cref="Guid.Empty"/>: what concerns all.</param>
    /// <param name="action">What is done, for instance <c>user.suspended</c>.</param>
    /// <param name="target">What it is done to: type and identifier.</param>
    /// <param name="now">When.</param>
    /// <param name="project">The project it belongs to, where there is one.</param>
    /// <param name="before">What was, without secrets.</param>
    /// <param name="after">What is now, without secrets.</param>
    public static void RecordByOperator(this ShieldDb db, Guid organization, string action, (string Type, Guid Id) target, DateTimeOffset now, Guid? project = null, JsonObject? before = null, JsonObject? after = null) => db.ActionOutbox.Add(new()
    {
        Id = Guid.CreateVersion7(now),
        OrgId = organization,
        ProjectId = project,
        ActorName = "operator",
        Action = action,
        TargetType = target.Type,
        TargetId = target.Id.ToString("D"),
        Before = before?.ToJsonString(),
        After = after?.ToJsonString(),
        CreatedAt = now,
    });
}
