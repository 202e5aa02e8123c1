using System.Text.Json;
using McpShield.Contracts;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Evaluation;

internal static class EvaluatePolicy
{
    private const int SessionMaxLength = 128;

    // The arguments may be all that arguments may be, inside one object more.
    private static readonly JsonLimits Limits = new(JsonLimits.Arguments.MaxBytes + 4_096, JsonLimits.Arguments.MaxDepth + 1, JsonLimits.Arguments.MaxNodes + 4);

    public static void Map(RouteGroupBuilder policy) => policy.MapPost("/evaluate", HandleAsync)
        .ForKeys()
        .IsRetryable()
        .Accepts<EvaluateRequest>("application/json")
        .WithName("policy.evaluate")
        .WithSummary("Ask for a decision on a call")
        .WithDescription(
            """
            Decided by the policy of the key's project, as the gateway would, and on record before it is answered. There is no catalogue of tools here: whether the tool exists is the
            asker's matter. Rate limits count and filters look at the arguments. A body that is not strict JSON (a name that stands twice, for instance) is denied with `invalid_request`.
            """);

    private static async Task<Results<Ok<EvaluateResponse>, ProblemHttpResult>> HandleAsync(HttpContext context, KeyCaller caller, CancellationToken ct)
    {
        var project = caller.Agent.Project;

        // THREAT: a body that was read and written again may say something else than what the caller will run. So it is read once, as it stands.
        if (!JsonTree.TryRead(await RawBody.ReadAsync(context.Request, ct), Limits, out var tree, out var fault)) return Answer(await project.RefuseEvaluationAsync(caller.Agent, fault.ToString(), ct));
        using (tree)
        {
            var root = tree!.Root;
            if (Invalid(root) is { } invalid) return invalid;
            return Answer(await project.EvaluateAsync(caller.Agent, root["tool"u8].GetString(), root["arguments"u8], root["session"u8].AsString(), ct));
        }
    }

    private static ProblemHttpResult? Invalid(JsonView root)
    {
        if (root.Kind is not JsonKind.Object) return Problems.Invalid("body", "is to be an object");
        foreach (var (name, _) in root.Members)
        {
            if (!name.StringEquals("tool"u8) && !name.StringEquals("arguments"u8) && !name.StringEquals("session"u8)) return Problems.Invalid(name.GetString(), "is not known here");
        }

        if (root["tool"u8].Kind is not JsonKind.String) return Problems.Invalid("tool", "is needed, as a text");
        if (root["session"u8] is { Exists: true, Kind: not JsonKind.Null } session && session.AsString() is not { Length: > 0 and <= SessionMaxLength }) return Problems.Invalid("session", $"is to be a text of 1 to {SessionMaxLength} characters");
        return null;
    }

    private static Ok<EvaluateResponse> Answer(Gateway.Evaluation evaluation) => TypedResults.Ok(new EvaluateResponse(
        WireNames.Of(evaluation.Decision.Outcome),
        evaluation.Decision.Rule,
        WireNames.Of(evaluation.Decision.Reason),
        evaluation.Decision.Message,
        [.. evaluation.Decision.Details.Select(static one => new EvaluationDetail(WireNames.Of(one.Code), one.Message, one.Pointer, one.Position, one.Rule))],
        [.. evaluation.Decision.Obligations.SelectMany(Obligations)],
        evaluation.DecisionId,
        evaluation.Arguments.IsEmpty ? null : Parsed(evaluation.Arguments),
        evaluation.IsShadow ? "shadow" : null));

    // What was counted or filtered here already is nobody's duty any more.
    private static IEnumerable<EvaluationObligation> Obligations(Obligation obligation) => obligation switch
    {
        ApprovalObligation approval => [new("approval", Approvers: approval.Approvers, TtlSeconds: (long)approval.TimeToLive.TotalSeconds)],
        ResultSizeObligation size => [new("max_result_bytes", MaxResultBytes: size.MaxBytes)],
        LabelObligation labels => [new("labels", Labels: labels.Labels)],
        FilterObligation { Filters.Results: { IsEmpty: false } filters } => [new("filter_results", Filters: [.. filters.Select(static one => new EvaluationFilter(one.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(one.Action.ToString()), one.Detectors))])],
        FilterObligation or RateLimitObligation => [],
        _ => [new("unknown")],
    };

    private static JsonElement Parsed(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
