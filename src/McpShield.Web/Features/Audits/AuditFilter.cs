using System.Globalization;
using McpShield.Contracts.Client;

namespace McpShield.Web.Features.Audits;

/// <summary>What of the audit log is shown; it lives in the address, so that a view can be kept, shared and gone back to.</summary>
internal sealed record AuditFilter(string? Days, string? Decision, Guid? ProjectId, string? Tool, string? Rule, Guid? KeyId, string? Agent, string? Kind, string? Text, Guid? OrganizationId)
{
    public const string DefaultDays = "7";

    /// <summary>The question to the API.</summary>
    public AuditsQuery ToQuery(DateTimeOffset now, string? cursor = null, int? limit = 50) => new(
        From: int.TryParse(Days ?? DefaultDays, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days > 0 ? now.AddDays(-Math.Min(days, 3650)) : null,
        Decision: Empty(Decision), ProjectId: ProjectId, Tool: Empty(Tool), Rule: Empty(Rule), KeyId: KeyId, Agent: Empty(Agent), Kind: Empty(Kind), Text: Empty(Text), Cursor: cursor, Limit: limit, OrganizationId: OrganizationId);

    /// <summary>The filters in force, each with the address without it.</summary>
    public IEnumerable<(string Text, string Without)> Chips(string path)
    {
        if (Empty(Decision) is { } decision) yield return ($"decision {decision}", (this with { Decision = null }).Address(path));
        if (Empty(Tool) is { } tool) yield return ($"tool {tool}", (this with { Tool = null }).Address(path));
        if (Empty(Rule) is { } rule) yield return ($"rule {rule}", (this with { Rule = null }).Address(path));
        if (Empty(Agent) is { } agent) yield return ($"agent {agent}", (this with { Agent = null }).Address(path));
        if (KeyId is not null) yield return ("one key", (this with { KeyId = null }).Address(path));
        if (Empty(Text) is { } text) yield return ($"“{text}”", (this with { Text = null }).Address(path));
    }

    /// <summary>The address of this view.</summary>
    public string Address(string path, string? cursor = null, bool isLive = false)
    {
        var parts = new List<string>();
        Add("days", Days);
        Add("decision", Decision);
        Add("project_id", ProjectId?.ToString("D"));
        Add("tool", Tool);
        Add("rule", Rule);
        Add("key_id", KeyId?.ToString("D"));
        Add("agent", Agent);
        Add("kind", Kind);
        Add("q", Text);
        Add("organization_id", OrganizationId?.ToString("D"));
        Add("cursor", cursor);
        Add("live", isLive ? "1" : null);
        return parts.Count == 0 ? path : $"{path}?{string.Join('&', parts)}";

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
    }

    private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
