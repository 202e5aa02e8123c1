using System.Text.Json;
using McpShield.Contracts;
using McpShield.Data.Audits;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Audits;

internal static class GetAudit
{
    public static void Map(RouteGroupBuilder audits) => audits.MapGet("/{auditId:guid}", HandleAsync)
        .RequirePermission(Permission.ViewAudits)
        .WithName("audits.get")
        .WithSummary("Everything on record about one call or action")
        .Refuses(StatusCodes.Status404NotFound, "audit.not-found");

    private static async Task<Results<Ok<AuditStoryResponse>, ProblemHttpResult>> HandleAsync(Guid auditId, Caller caller, AuditReader reader, CancellationToken ct)
    {
        if (await reader.FindAsync(caller.OrganizationId, auditId, ct) is not { } story) return Problems.NotFound("audit.not-found", "There is no such entry, or the plan no longer keeps it.");
        return TypedResults.Ok(new AuditStoryResponse(
            AuditsFeature.ToResponse(story.Entry), Json(story.Envelope)!.Value, Json(story.Payload), Json(story.Outcome), Json(story.OutcomePayload), new(story.Stream, story.Seq, story.Link)));
    }

    private static JsonElement? Json(string? text)
    {
        if (text is null) return null;
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
