using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Policies;

/// <summary>Policies: what decides, its history, and what a draft would do.</summary>
internal static class PoliciesFeature
{
    public static void MapPolicies(this IEndpointRouteBuilder app)
    {
        var ofProject = app.MapGroup("/projects/{projectId:guid}/policy").WithTags("Policies");
        GetPolicy.Map(ofProject);
        PutPolicy.Map(ofProject);
        ListPolicyVersions.Map(ofProject);
        GetPolicyVersion.Map(ofProject);
        RestorePolicyVersion.Map(ofProject);
        ValidatePolicy.Map(ofProject);
        DiffPolicy.Map(ofProject);
        SimulatePolicy.Map(ofProject);

        var policy = app.MapGroup("/policy").WithTags("Policies");
        GetGatewayPolicy.Map(policy);
        GetPolicySchema.Map(policy);
        TryPolicy.Map(policy);
    }
}
