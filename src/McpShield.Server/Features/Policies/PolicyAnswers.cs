using System.Globalization;
using System.Text;
using System.Text.Json;
using McpShield.Contracts;
using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace McpShield.Server.Features.Policies;

/// <summary>What the policy language says, in the words of the API.</summary>
internal static class PolicyAnswers
{
    public static ProblemHttpResult Invalid(IEnumerable<Diagnostic> diagnostics)
    {
        var details = Problems.Details(StatusCodes.Status400BadRequest, "policy.invalid", "The policy does not load, and nothing was changed; `diagnostics` says where and why.");
        details.Extensions["diagnostics"] = Of(diagnostics);
        return TypedResults.Problem(details);
    }

    public static PolicyDiagnostic[] Of(IEnumerable<Diagnostic> diagnostics) =>
        [.. diagnostics.Select(static one => new PolicyDiagnostic(one.Severity is Severity.Error ? "error" : "warning", one.Line, one.Column, one.Code, one.Message, one.Hint))];

    public static string Of(PolicyChange change) => change switch
    {
        PolicyChange.Equivalent => "equivalent",
        PolicyChange.Stricter => "stricter",
        PolicyChange.MorePermissive => "more_permissive",
        _ => "incomparable",
    };

    public static ExplainedDecision Of(Decision decision, bool withTrace) => new(
        WireNames.Of(decision.Outcome), decision.Rule, WireNames.Of(decision.Reason), decision.Message, Of(decision.Details), [.. decision.Obligations.Select(Of)],
        withTrace ? [.. decision.Trace.Rules.Select(static rule => new ExplainedRule(rule.Rule, WireNames.Of(rule.Outcome), rule.Matched, [.. rule.Conditions.Select(Of)]))] : null);

    public static PolicyCall Of(CallText call)
    {
        JsonElement? arguments = null;
        try
        {
            using var document = JsonDocument.Parse(call.Arguments);
            arguments = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Arguments that are no JSON are denied as such; there is nothing to show.
        }

        var (context, principal, session) = (call.Context, call.Context.Principal, call.Context.Session);
        return new(call.Tool, arguments, new(
            new(Text(principal.Agent), Text(principal.User), Text(principal.Key), Text(principal.Organization), principal.Roles, principal.Scopes),
            new([.. session.Labels.Order(StringComparer.Ordinal)], session.Calls),
            context.Time == default ? null : context.Time,
            context.ClientIp,
            context.Environment));
    }

    /// <summary>A call as it was sent; what it leaves open is filled with <paramref name="now"/> and the project's <paramref name="environment"/>.</summary>
    public static CallText ToCall(PolicyCall call, DateTimeOffset now, string? environment)
    {
        var (context, principal, session) = (call.Context, call.Context?.Principal, call.Context?.Session);
        return new(
            call.Tool,
            call.Arguments is { ValueKind: not JsonValueKind.Undefined } arguments ? Encoding.UTF8.GetBytes(arguments.GetRawText()) : "{}"u8.ToArray(),
            new()
            {
                Principal = new()
                {
                    Agent = principal?.Agent ?? "",
                    User = principal?.User ?? "",
                    Key = principal?.Key ?? "",
                    Organization = principal?.Organization ?? "",
                    Roles = [.. (principal?.Roles ?? []).OfType<string>()],
                    Scopes = [.. (principal?.Scopes ?? []).OfType<string>()],
                },
                Session = new()
                {
                    Labels = (session?.Labels ?? []).OfType<string>().ToHashSet(StringComparer.Ordinal),
                    Calls = new Dictionary<string, int>(session?.Calls ?? new Dictionary<string, int>(), StringComparer.Ordinal),
                },
                Time = context?.Time ?? now,
                ClientIp = context?.ClientIp,
                Environment = context?.Environment ?? environment,
            });
    }

    private static ExplainedDetail[] Of(IEnumerable<DecisionDetail> details) =>
        [.. details.Select(static one => new ExplainedDetail(WireNames.Of(one.Code), one.Message, one.Pointer, one.Position, one.Rule))];

    private static ExplainedCondition Of(ConditionTrace condition) =>
        new(condition.Condition, WireNames.Of(condition.Value), Of(condition.Details), condition.Notes.IsEmpty ? null : [.. condition.Notes]);

    private static string Of(Obligation obligation) => obligation switch
    {
        RateLimitObligation limited => string.Create(CultureInfo.InvariantCulture, $"rate_limit {limited.Limit.Units}/{limited.Limit.Period.TotalSeconds:0}s"),
        FilterObligation => "filters",
        ApprovalObligation => "approval",
        ResultSizeObligation size => string.Create(CultureInfo.InvariantCulture, $"max_result_bytes {size.MaxBytes}"),
        LabelObligation labels => $"add_labels {string.Join(' ', labels.Labels)}",
        _ => "other",
    };

    private static string? Text(string text) => text.Length == 0 ? null : text;
}
