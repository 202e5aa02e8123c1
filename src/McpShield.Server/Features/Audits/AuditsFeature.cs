using McpShield.Audit;
using McpShield.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Audits;

/// <summary>The audit log for people: every decision about an agent's call, and every change that somebody made.</summary>
internal static class AuditsFeature
{
    public static void MapAudits(this IEndpointRouteBuilder app)
    {
        var audits = app.MapGroup("/audits").WithTags("Audits");
        ListAudits.Map(audits);
        GetAudit.Map(audits);
        ExportAudits.Map(audits);
        StreamAudits.Map(audits);
        VerifyAudits.Map(audits);
    }

    public static AuditResponse ToResponse(AuditEntry entry) => new(
        entry.CallId, entry.Kind, entry.Time, entry.ProjectId, entry.Tool, entry.Decision, entry.Rule, entry.Reason, entry.Message, entry.Source, entry.Agent, entry.Key, entry.Status,
        entry.DurationMicroseconds / 1000.0, entry.IsShadow ? "shadow" : null, entry.Action, entry.Actor, entry.ActorUserId, entry.TargetType, entry.TargetId, new(entry.Method, entry.ClientIp, entry.Codes, entry.Shadows));
}
