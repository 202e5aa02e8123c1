using System.Globalization;
using McpShield.Audit;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Data.Audits;

/// <summary>What a database keeps of a record beside its envelope: copies, for searching and for reports.</summary>
internal sealed record RecordColumns
{
    private const int MostCharacters = 300;

    public required string Kind { get; init; }

    public required long TimeUs { get; init; }

    public Guid? CallId { get; init; }

    public Guid? OrganizationId { get; init; }

    public Guid? ProjectId { get; init; }

    public string? Decision { get; init; }

    public string? Tool { get; init; }

    public string? Rule { get; init; }

    public string? Reason { get; init; }

    public string? Status { get; init; }

    public long? DurationUs { get; init; }

    public string? Agent { get; init; }

    public string? KeyId { get; init; }

    public string? Source { get; init; }

    public string? Action { get; init; }

    public string? Actor { get; init; }

    public string? Method { get; init; }

    /// <summary>A decision or an action: what lists show.</summary>
    public bool IsEntry => Kind is "decision" or "action";

    public static RecordColumns Of(StoredRecord record)
    {
        var shared = new RecordColumns { Kind = AuditNames.Of(record.Kind), TimeUs = Microseconds(record.Time), CallId = OrNull(record.Source?.CallId) };
        return record.Source switch
        {
            DecisionRecord decision => shared with
            {
                OrganizationId = OrNull(decision.OrganizationId),
                ProjectId = OrNull(decision.ProjectId),
                Decision = WireNames.Of(decision.Decision.Outcome),
                Tool = Text(decision.Tool),
                Rule = Text(decision.Decision.Rule),
                Reason = WireNames.Of(decision.Decision.Reason),
                Agent = Text(decision.Principal.Agent),
                KeyId = Text(decision.Principal.Key),
                Source = AuditNames.Of(decision.Source),
                Method = Text(decision.Method),
            },
            OutcomeRecord outcome => shared with { Status = CallStatusNames.Of(outcome.Status), DurationUs = (long)outcome.Duration.TotalMicroseconds },
            ActionRecord action => shared with
            {
                OrganizationId = OrNull(action.OrganizationId),
                ProjectId = OrNull(action.ProjectId),
                Action = Text(action.Action),
                Actor = Text(action.Actor),
            },
            _ => shared,
        };
    }

    /// <summary>What the columns of an envelope must be.</summary>
    public static RecordColumns Of(byte[] envelope)
    {
        using var tree = JsonTree.TryRead(envelope, new(4 * 1024 * 1024, 64, 50_000), out var read, out _) ? read! : throw new InvalidDataException("an audit record is not JSON");
        var root = tree.Root;
        var kind = root["kind"u8].GetString();
        return new()
        {
            Kind = kind,
            TimeUs = Microseconds(DateTimeOffset.Parse(root["time"u8].GetString(), CultureInfo.InvariantCulture)),
            CallId = Id(root["call_id"u8]),
            OrganizationId = Id(root["organization_id"u8]),
            ProjectId = Id(root["project_id"u8]),
            Decision = root["decision"u8].AsString(),
            Tool = Text(root["tool"u8].AsString()),
            Rule = Text(root["rule"u8].AsString()),
            Reason = root["reason"u8].AsString(),
            Status = root["status"u8].AsString(),
            DurationUs = root["duration_us"u8] is { Exists: true } duration ? long.Parse(duration.Raw, CultureInfo.InvariantCulture) : null,
            Agent = Text(root["agent"u8].AsString()),
            KeyId = Text(root["key"u8].AsString()),
            Source = kind == "decision" ? root["source"u8].AsString() ?? AuditNames.Of(DecisionSource.Enforced) : null,
            Action = Text(root["action"u8].AsString()),
            Actor = Text(root["actor"u8].AsString()),
            Method = Text(root["method"u8].AsString()),
        };
    }

    /// <summary>The text as columns hold it: short, and nothing that a database refuses.</summary>
    // THREAT: names come from agents; a NUL or half a surrogate pair would make PostgreSQL refuse the whole batch with the calls of others.
    public static string? Text(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length > MostCharacters) text = text[..MostCharacters];
        if (!text.Contains('\0', StringComparison.Ordinal) && !text.Any(char.IsSurrogate)) return text;
        return string.Concat(text.EnumerateRunes().Select(static rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
    }

    public static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static Guid? OrNull(Guid? id) => id == Guid.Empty ? null : id;

    private static Guid? Id(JsonView view) => view.AsString() is { } text ? Guid.ParseExact(text, "D") : null;
}
