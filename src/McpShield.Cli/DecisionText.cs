using System.Text;
using System.Text.Json;
using McpShield.Policy.Evaluation;

namespace McpShield.Cli;

/// <summary>A decision for people and for machines.</summary>
internal static class DecisionText
{
    public static string ToJson(Decision decision) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("decision", WireNames.Of(decision.Outcome));
        json.WriteString("rule", decision.Rule);
        json.WriteString("reason", WireNames.Of(decision.Reason));
        json.WriteString("message", decision.Message);
        WriteDetails(json, decision.Details);
        WriteObligations(json, decision.Obligations);
        json.WriteStartArray("trace");
        foreach (var rule in decision.Trace.Rules)
        {
            json.WriteStartObject();
            json.WriteString("rule", rule.Rule);
            json.WriteString("decision", WireNames.Of(rule.Outcome));
            json.WriteBoolean("matched", rule.Matched);
            json.WriteStartArray("conditions");
            foreach (var condition in rule.Conditions)
            {
                json.WriteStartObject();
                json.WriteString("condition", condition.Condition);
                json.WriteString("value", WireNames.Of(condition.Value));
                WriteDetails(json, condition.Details);
                if (!condition.Notes.IsEmpty)
                {
                    json.WriteStartArray("notes");
                    foreach (var note in condition.Notes) json.WriteStringValue(note);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static string ToText(string tool, Decision decision)
    {
        var text = new StringBuilder();
        text.Append(WireNames.Of(decision.Outcome).ToUpperInvariant()).Append("  ").AppendLine(tool);
        text.Append("  why   ").Append(decision.Message).Append(" (").Append(WireNames.Of(decision.Reason));
        if (decision.Rule is not null) text.Append(": ").Append(decision.Rule);
        text.AppendLine(")");
        foreach (var detail in decision.Details)
        {
            text.Append("        ");
            if (detail.Pointer is not null) text.Append(detail.Pointer).Append(": ");
            text.Append(detail.Message).Append(" [").Append(WireNames.Of(detail.Code)).AppendLine("]");
        }

        foreach (var rule in decision.Trace.Rules)
        {
            text.Append("  rule  ").Append(rule.Rule).Append(" (").Append(WireNames.Of(rule.Outcome)).Append("): ").AppendLine(rule.Matched ? "decides" : "does not match");
            foreach (var condition in rule.Conditions)
            {
                text.Append("        ").Append(condition.Condition).Append(": ").Append(WireNames.Of(condition.Value));
                if (!condition.Notes.IsEmpty) text.Append(" (").AppendJoin(", ", condition.Notes).Append(')');
                text.AppendLine();
            }
        }

        return text.ToString().TrimEnd();
    }

    private static void WriteObligations(Utf8JsonWriter json, IEnumerable<Obligation> obligations)
    {
        json.WriteStartArray("obligations");
        foreach (var obligation in obligations)
        {
            json.WriteStartObject();
            switch (obligation)
            {
                case RateLimitObligation limited:
                    json.WriteString("rate_limit", $"{limited.Limit.Units}/{limited.Limit.Period.TotalSeconds:0}s");
                    break;
                case FilterObligation filtered:
                    WriteTexts(json, "filter_arguments", filtered.Filters.Arguments.Select(static filter => filter.Name));
                    WriteTexts(json, "filter_results", filtered.Filters.Results.Select(static filter => filter.Name));
                    break;
                case ApprovalObligation approval:
                    WriteTexts(json, "approvers", approval.Approvers);
                    json.WriteNumber("ttl_seconds", approval.TimeToLive.TotalSeconds);
                    break;
                case ResultSizeObligation size:
                    json.WriteNumber("max_result_bytes", size.MaxBytes);
                    break;
                case LabelObligation labels:
                    WriteTexts(json, "add_labels", labels.Labels);
                    break;
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteDetails(Utf8JsonWriter json, IEnumerable<DecisionDetail> details)
    {
        json.WriteStartArray("details");
        foreach (var detail in details)
        {
            json.WriteStartObject();
            json.WriteString("code", WireNames.Of(detail.Code));
            json.WriteString("message", detail.Message);
            if (detail.Pointer is not null) json.WriteString("pointer", detail.Pointer);
            if (detail.Position is { } position) json.WriteNumber("position", position);
            if (detail.Rule is not null) json.WriteString("rule", detail.Rule);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
