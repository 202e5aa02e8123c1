using McpShield.Contracts;
using McpShield.Data.Audits;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Audits;

internal static class VerifyAudits
{
    // It reads the whole log: one at a time, or a few people could keep the database busy with nothing else.
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void Map(RouteGroupBuilder audits) => audits.MapGet("/verify", HandleAsync)
        .RequirePermission(Permission.ViewAudits)
        .WithName("audits.verify")
        .WithSummary("Check that the organization's records are as they were written")
        .WithDescription("Recomputes the hash chain of every stream that holds records of the organization. Erased contents do not break it.")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "audits.verifying");

    private static async Task<Results<Ok<AuditVerificationResponse>, ProblemHttpResult>> HandleAsync(Caller caller, AuditReader reader, CancellationToken ct)
    {
        if (!await OneAtATime.WaitAsync(Patience, ct)) return Problems.Unavailable("audits.verifying", "The log is being checked for somebody else; try again in a minute.");
        try
        {
            var found = await reader.VerifyAsync(caller.OrganizationId, ct);
            return TypedResults.Ok(new AuditVerificationResponse(found.Fault is null, found.Streams, found.Records, found.Fault is { } fault ? new(fault.Stream, fault.Seq, fault.Problem) : null, found.Unsealed));
        }
        finally
        {
            OneAtATime.Release();
        }
    }
}
