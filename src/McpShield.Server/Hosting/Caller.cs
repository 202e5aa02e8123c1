using McpShield.Data.Organizations;
using McpShield.Gateway;
using Microsoft.AspNetCore.Http;

namespace McpShield.Server.Hosting;

/// <summary>The person behind a request, and the organization that the request is about. A handler that takes one runs only for who may.</summary>
/// <param name="UserId">The person.</param>
/// <param name="Email">Their address.</param>
/// <param name="Name">First and last name.</param>
/// <param name="SessionId">The session that the request belongs to.</param>
/// <param name="OrganizationId">The organization: of the project in the path, else the one named by <c>organization_id</c>, else the person's own.</param>
/// <param name="Role">The person's role there.</param>
/// <param name="Address">Where the request comes from.</param>
internal sealed record Caller(Guid UserId, string Email, string Name, Guid SessionId, Guid OrganizationId, Role Role, string? Address)
{
    /// <summary>The caller of a request that came through the door as a user; the door lets no other reach a handler that asks.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}

/// <summary>The program behind a request that came with a project's key.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="Agent">As policies and the gateway see it: principal and project.</param>
internal sealed record KeyCaller(Guid KeyId, Agent Agent)
{
    public Guid ProjectId => Agent.Project.Identity.ProjectId;

    public Guid OrganizationId => Agent.Project.Identity.OrganizationId;

    /// <summary>The caller of a request that came through the door with a key.</summary>
    public static ValueTask<KeyCaller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<KeyCaller>());
}
