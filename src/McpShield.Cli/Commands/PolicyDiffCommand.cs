using System.CommandLine;
using System.Text;
using System.Text.Json;
using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy diff OLD NEW</c></summary>
internal static class PolicyDiffCommand
{
    public static Command Create()
    {
        var before = new Argument<string>("OLD") { Description = "The policy as it was." };
        var after = new Argument<string>("NEW") { Description = "The policy as it would be." };
        var against = new Option<string?>("--against") { Description = "Recorded calls (JSONL, as for `policy eval --requests`), asked of both." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new ExampledCommand(
            "diff",
            "Tell what a change of a policy lets through that was denied, and the reverse, each with a call that shows it. Exit code 0 only when it is proved that nothing more is let through.",
            ["mcpshield policy diff old.yaml new.yaml", "mcpshield policy diff old.yaml new.yaml --against calls.jsonl"])
        {
            before, after, against, json,
        };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(before), parsed.GetRequiredValue(after), parsed.GetValue(against), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(string before, string after, string? against, bool json, CancellationToken ct)
    {
        var (old, now) = (await PolicyFiles.LoadAsync(before), await PolicyFiles.LoadAsync(after));
        var diff = PolicyDiff.Compare(old, now, ct);
        var (count, replayed) = against is null ? (0, []) : await ReplayAsync(old, now, against, ct);
        await Console.Out.WriteLineAsync(json ? Json(diff, against is null ? null : count, replayed) : Text(diff, against is null ? null : count, replayed));
        var isSafe = diff is { IsProved: true, Change: PolicyChange.Equivalent or PolicyChange.Stricter } && !replayed.Exists(static one => one.IsMorePermissive);
        return isSafe ? ExitCodes.Done : ExitCodes.No;
    }

    private static async Task<(int Count, List<DiffWitness> Changed)> ReplayAsync(CompiledPolicy old, CompiledPolicy now, string file, CancellationToken ct)
    {
        var (count, changed) = (0, new List<DiffWitness>());
        using var lines = PolicyFiles.Open(file);
        while (await lines.ReadLineAsync(ct) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            count++;
            try
            {
                var call = CallText.Read(line);
                var (was, becomes) = (call.Explain(old), call.Explain(now));
                if (was.Outcome != becomes.Outcome) changed.Add(new(call, was, becomes));
            }
            catch (CallFormatException invalid)
            {
                await Console.Error.WriteLineAsync($"{file}: line {count} is no call: {invalid.Message}");
            }
        }

        return (count, changed);
    }

    private static string Text(PolicyDiff diff, int? calls, List<DiffWitness> replayed)
    {
        var text = new StringBuilder();
        text.AppendLine(Sentence(diff));
        foreach (var why in diff.Unproved) text.Append("  not proved: ").AppendLine(why);
        foreach (var witness in diff.Witnesses) Show(text, witness);
        foreach (var duty in diff.OtherDuties) text.Append("  ~ ").Append(duty).AppendLine(": decides as before, and asks for something else beside it");
        if (calls is null) return text.ToString().TrimEnd();
        text.AppendLine().Append(replayed.Count).Append(" of ").Append(calls).AppendLine(" recorded calls would be decided otherwise");
        foreach (var witness in replayed.Take(50)) Show(text, witness);
        return text.ToString().TrimEnd();
    }

    private static string Sentence(PolicyDiff diff) => (diff.Change, diff.IsProved) switch
    {
        (PolicyChange.Equivalent, true) => "EQUIVALENT: every call is decided as before (proved)",
        (PolicyChange.Equivalent, false) => "NO DIFFERENCE FOUND, not proved: no call that was tried is decided otherwise",
        (PolicyChange.Stricter, true) => "STRICTER: some calls that were let through are not any more, and none the other way round (proved)",
        (PolicyChange.Stricter, false) => "STRICTER as far as calls were tried, not proved",
        (PolicyChange.MorePermissive, true) => "MORE PERMISSIVE: calls that were denied are let through, and none the other way round (proved)",
        (PolicyChange.MorePermissive, false) => "MORE PERMISSIVE: calls that were denied are let through",
        _ => "INCOMPARABLE: some calls gain, others lose",
    };

    private static void Show(StringBuilder text, DiffWitness witness)
    {
        text.Append(witness.IsMorePermissive ? "  + " : "  - ").Append(witness.Call.Tool).Append(' ').AppendLine(Encoding.UTF8.GetString(witness.Call.Arguments));
        if (Circumstances(witness.Call.Context) is { Length: > 0 } context) text.Append("      when ").AppendLine(context);
        text.Append("      was ").Append(Describe(witness.Before)).Append(", becomes ").AppendLine(Describe(witness.After));
    }

    private static string Describe(Decision decision) => $"{WireNames.Of(decision.Outcome)} ({(decision.Rule is { } rule ? $"rule {rule}" : "no rule")})";

    private static string Circumstances(CallContext context) => string.Join(", ", new[]
    {
        Pair("agent", context.Principal.Agent), Pair("user", context.Principal.User), Pair("key", context.Principal.Key), Pair("organization", context.Principal.Organization),
        Pair("roles", string.Join('+', context.Principal.Roles)), Pair("scopes", string.Join('+', context.Principal.Scopes)),
        Pair("labels", string.Join('+', context.Session.Labels.Order(StringComparer.Ordinal))), Pair("environment", context.Environment), Pair("client_ip", context.ClientIp),
        string.Join(", ", context.Session.Calls.Select(static entry => $"{entry.Value} calls of {entry.Key}")),
        context.Time == PolicyDiff.UsualTime ? null : context.Time == default ? "no time" : $"time {context.Time:yyyy-MM-dd'T'HH:mm'Z'}",
    }.Where(static part => !string.IsNullOrEmpty(part)));

    private static string? Pair(string name, string? value) => string.IsNullOrEmpty(value) ? null : $"{name} {value}";

    private static string Json(PolicyDiff diff, int? calls, List<DiffWitness> replayed) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("change", diff.Change switch { PolicyChange.Equivalent => "equivalent", PolicyChange.Stricter => "stricter", PolicyChange.MorePermissive => "more_permissive", _ => "incomparable" });
        json.WriteBoolean("proved", diff.IsProved);
        WriteTexts(json, "not_proved", diff.Unproved);
        WriteTexts(json, "other_duties", diff.OtherDuties);
        WriteWitnesses(json, "witnesses", diff.Witnesses);
        if (calls is { } count)
        {
            json.WriteNumber("replayed", count);
            WriteWitnesses(json, "changed", replayed);
        }

        json.WriteEndObject();
    });

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteWitnesses(Utf8JsonWriter json, string name, IEnumerable<DiffWitness> witnesses)
    {
        json.WriteStartArray(name);
        foreach (var witness in witnesses)
        {
            json.WriteStartObject();
            json.WriteString("tool", witness.Call.Tool);
            json.WriteString("arguments_json", Encoding.UTF8.GetString(witness.Call.Arguments));
            json.WriteString("when", Circumstances(witness.Call.Context));
            json.WriteBoolean("more_permissive", witness.IsMorePermissive);
            json.WritePropertyName("before");
            json.WriteRawValue(DecisionText.ToJson(witness.Before));
            json.WritePropertyName("after");
            json.WriteRawValue(DecisionText.ToJson(witness.After));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
