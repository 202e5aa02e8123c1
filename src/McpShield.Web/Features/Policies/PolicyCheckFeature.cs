using McpShield.Contracts;
using McpShield.Contracts.Client;
using McpShield.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Features.Policies;

/// <summary>What there is to say about a policy while it is typed.</summary>
internal static class PolicyCheckFeature
{
    public static void MapPolicyCheck(this IEndpointRouteBuilder app) => app.MapForm("/app/projects/{id:guid}/policy/check", static async (Guid id, [FromForm(Name = "policy_yaml")] string? text, ShieldClient api, CancellationToken ct) =>
    {
        try
        {
            return Results.Json(await api.Policies.ValidateAsync(id, new(text ?? ""), ct), PoliciesJson.Default.PolicyValidationResponse);
        }
        catch (ShieldProblem problem)
        {
            return Results.StatusCode((int)problem.Status);
        }
    }).RequireAuthorization();
}
