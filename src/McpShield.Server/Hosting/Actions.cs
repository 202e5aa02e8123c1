using System.Text.Json.Nodes;
using McpShield.Data;

namespace McpShield.Server.Hosting;

/// <summary>Puts what a person does on its way into the audit log, in the transaction of the change itself.</summary>
internal static class Actions
{
    /// <summary>Adds the record to what the next <c>SaveChanges</c> writes.</summary>
    /// <param name="db">The unit of work that makes the change.</param>
    /// <param name="caller">Who acts.</param>
    /// <param name="action">What is done, for instance <c>project.created</c>.</param>
    /// <param name="target">What it is done to.</param>
    /// <param name="now">When.</param>
    /// <param name="projectId">The project it belongs to, where there is one.</param>
    /// <param name="before">What was, without secrets.</param>
    /// <param name="after">What is now, without secrets.</param>
    public static void Record(this ShieldDb db, Caller caller, string action, ActionTarget target, DateTimeOffset now, Guid? projectId = null, JsonObject? before = null, JsonObject? after = null) => db.ActionOutbox.Add(new()
    {
        Id = Guid.CreateVersion7(now),
        OrgId = caller.OrganizationId,
        ProjectId = projectId,
        ActorUserId = caller.UserId,
        ActorName = caller.Email,
        Action = action,
        TargetType = target.Type,
        TargetId = target.Id,
        Before = before?.ToJsonString(),
        After = after?.ToJsonString(),
        ClientIp = caller.Address,
        CreatedAt = now,
    });
}

/// <summary>What an action is done to.</summary>
/// <param name="Type">For instance <c>project</c>.</param>
/// <param name="Id">Its identifier.</param>
internal readonly record struct ActionTarget(string Type, string Id)
{
    public static ActionTarget Of(string type, Guid id) => new(type, id.ToString("D"));
}
