using System.Collections.Immutable;
using System.Globalization;
using McpShield.Policy.Conditions;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Redaction;

namespace McpShield.Policy.Language;

/// <summary>Reads what a rule asks for beside its decision: filters, approval, result size, labels. In the order in which a gateway carries them out.</summary>
internal sealed class ObligationReader(YamlMap rule, Outcome outcome, IReadOnlyDictionary<string, Filter> filters, ConditionScope scope)
{
    private static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestTimeToLive = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromDays(7);

    public ImmutableArray<Obligation> Read()
    {
        var obligations = ImmutableArray.CreateBuilder<Obligation>();
        if (outcome is Outcome.Deny) RefuseAll();
        if (FilterReader.ReadRule(rule.Find("filters"), filters, scope.Diagnostics) is { } chosen && (chosen.Arguments.Length > 0 || chosen.Results.Length > 0)) obligations.Add(new FilterObligation(chosen));
        if (outcome is Outcome.Approve) obligations.Add(ReadApproval(rule.Find("approval") as YamlMap));
        else if (rule.Find("approval") is not null && outcome is Outcome.Allow) Refuse("approval", "a rule that allows asks nobody", "write `decision: approve`");
        if (NodeReader.Integer(rule.Find("max_result_bytes")) is { } bytes) obligations.Add(new ResultSizeObligation((int)Math.Clamp(bytes, 1, int.MaxValue)));
        if (rule.Find("labels") is YamlMap labels && NodeReader.Texts(labels.Find("add")) is { } added) obligations.Add(new LabelObligation([.. added.Select(static label => label.Text).Distinct(StringComparer.Ordinal)]));
        return obligations.ToImmutable();
    }

    private void RefuseAll()
    {
        foreach (var key in (ReadOnlySpan<string>)["rate_limit", "filters", "approval", "max_result_bytes", "labels"])
        {
            if (rule.Find(key) is not null) Refuse(key, "a rule that denies lets nothing through that this could be about", "remove it");
        }
    }

    private void Refuse(string key, string message, string hint) => scope.Diagnostics.Error(key.Replace('_', '-'), message, rule.KeyOf(key), hint);

    private ApprovalObligation ReadApproval(YamlMap? map)
    {
        var approvers = ImmutableArray.CreateBuilder<string>();
        foreach (var (text, at) in NodeReader.Texts(map?.Find("approvers")) ?? [])
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && colon < text.Length - 1 && text[..colon] is "role" or "user") approvers.Add(text);
            else scope.Diagnostics.Error("approver", $"`{text}` is not an approver", at, "write `role:NAME` or `user:NAME`");
        }

        return new(approvers.ToImmutable(), ReadTimeToLive(map?.Find("ttl")));
    }

    private TimeSpan ReadTimeToLive(YamlNode? node)
    {
        if (NodeReader.Text(node) is not { } text) return DefaultTimeToLive;
        if (Duration(text) is { } given && given >= ShortestTimeToLive && given <= LongestTimeToLive) return given;
        scope.Diagnostics.Error("ttl", $"`{text}` is not a time from 10s to 7d", node!, "write it like `10m`");
        return DefaultTimeToLive;
    }

    private static TimeSpan? Duration(string text)
    {
        if (text.Length is < 2 or > 8 || text[0] == '0' || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => null,
        };
    }
}
