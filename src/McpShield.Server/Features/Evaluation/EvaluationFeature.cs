using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Evaluation;

/// <summary>Decisions for whoever carries calls out itself.</summary>
internal static class EvaluationFeature
{
    public static void MapEvaluation(this IEndpointRouteBuilder app)
    {
        var policy = app.MapGroup("/policy").WithTags("Decisions");
        EvaluatePolicy.Map(policy);
    }
}
