using System.Globalization;
using System.Text;
using McpShield.Audit;
using McpShield.Data.Usage;
using McpShield.Policy.Json;
using McpShield.Policy.Redaction;

namespace McpShield.Server.Features.Events;

/// <summary>Reads events strictly: what is not declared, or not as declared, is refused with its place.</summary>
internal sealed class EventReader
{
    public const int MaxEvents = 1_000;
    private const int MaxErrors = 20;
    private const int ToolMaxLength = 200;
    private const int EventIdMaxLength = 128;
    private const int MetadataMaxBytes = 16 * 1024;
    private const long DurationMaxMs = 31L * 24 * 60 * 60 * 1_000;
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(30);
    private static readonly string[] Outcomes = [.. Enum.GetValues<CallStatus>().Select(CallStatusNames.Of)];

    private static readonly HashSet<string> Fields = new(StringComparer.Ordinal) { "tool_name", "tool", "decision", "event_type", "timestamp", "metadata", "event_id", "decision_id", "duration_ms", "outcome" };

    // THREAT: a client that sends a password along puts it into tables that are kept for long and read by many.
    private static readonly Redactor Secrets = new([Filter.OfGroup("secrets")], []);

    private readonly DateTimeOffset now;
    private readonly List<ReportedEvent> events = [];
    private readonly Dictionary<string, string[]> errors = new(StringComparer.Ordinal);

    private EventReader(DateTimeOffset now) => this.now = now;

    public IReadOnlyList<ReportedEvent> Events => events;

    /// <summary>What is wrong, by place; empty: nothing.</summary>
    public IDictionary<string, string[]> Errors => errors;

    public static EventReader Read(JsonView body, DateTimeOffset now)
    {
        var reader = new EventReader(now);
        if (body.Kind is not JsonKind.Object) reader.Refuse("body", "is to be an object: one event, or `{\"events\": [...]}`");
        else if (body["events"u8] is { Exists: true } list) reader.ReadList(body, list);
        else reader.ReadEvent(body, "");
        return reader;
    }

    private void ReadList(JsonView body, JsonView list)
    {
        foreach (var (name, _) in body.Members)
        {
            if (!name.StringEquals("events"u8)) Refuse(name.GetString(), "is not known beside `events`");
        }

        if (list.Kind is not JsonKind.Array || list.Count is 0 or > MaxEvents)
        {
            Refuse("events", $"is to be a list of 1 to {MaxEvents} events");
            return;
        }

        var i = 0;
        foreach (var item in list.Items)
        {
            if (errors.Count >= MaxErrors) return;
            var place = string.Create(CultureInfo.InvariantCulture, $"events[{i++}]");
            if (item.Kind is JsonKind.Object) ReadEvent(item, place + ".");
            else Refuse(place, "is to be an object");
        }
    }

    private void ReadEvent(JsonView view, string place)
    {
        string? tool = null, decision = null, type = null, eventId = null, outcome = null, metadata = null;
        DateTimeOffset? time = null;
        Guid? decisionId = null;
        long? duration = null;
        foreach (var (name, value) in view.Members)
        {
            var field = name.GetString();
            if (value.Kind is JsonKind.Null && Fields.Contains(field)) continue; // as if it were absent
            switch (field)
            {
                case "tool_name" or "tool":
                    if (tool is not null) Refuse(place + field, "stands there twice, as `tool` and as `tool_name`: give one of them");
                    tool = Text(value, ToolMaxLength, place + field);
                    break;
                case "decision":
                    decision = OneOf(value, place + field, "allow", "deny", "approve");
                    break;
                case "event_type":
                    type = OneOf(value, place + field, "policy_check", "api_call");
                    break;
                case "timestamp":
                    time = Time(value, place + field);
                    break;
                case "metadata":
                    metadata = Metadata(value, place + field);
                    break;
                case "event_id":
                    eventId = Text(value, EventIdMaxLength, place + field);
                    break;
                case "decision_id":
                    if (Guid.TryParseExact(value.AsString(), "D", out var id)) decisionId = id;
                    else Refuse(place + field, "is to be a UUID");
                    break;
                case "duration_ms":
                    if (value.Kind is JsonKind.Number && long.TryParse(Encoding.ASCII.GetString(value.Raw), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms <= DurationMaxMs) duration = ms;
                    else Refuse(place + field, "is to be a whole number of milliseconds, up to 31 days");
                    break;
                case "outcome":
                    outcome = OneOf(value, place + field, Outcomes);
                    break;
                default:
                    Refuse(place + field, "is not known here");
                    break;
            }
        }

        events.Add(new()
        {
            EventId = eventId ?? decisionId?.ToString("D") ?? Guid.CreateVersion7(now).ToString("N"),
            EventType = type ?? (decision is null ? "api_call" : "policy_check"),
            Tool = tool,
            Decision = decision,
            Timestamp = time ?? now,
            DecisionId = decisionId,
            Outcome = outcome,
            DurationMs = duration,
            Metadata = metadata,
            IsForAudit = decision is not null,
        });
    }

    private string? Text(JsonView value, int maxLength, string place)
    {
        if (value.AsString() is { Length: > 0 } text && text.Length <= maxLength && !text.Any(char.IsControl)) return text;
        Refuse(place, $"is to be a text of 1 to {maxLength} characters, none of them a control character");
        return null;
    }

    private string? OneOf(JsonView value, string place, params string[] words)
    {
        if (value.AsString() is { } text && Array.IndexOf(words, text) >= 0) return text;
        Refuse(place, $"is to be one of {string.Join(", ", words)}");
        return null;
    }

    private string? Metadata(JsonView value, string place)
    {
        if (value.Kind is not JsonKind.Object || value.Raw.Length > MetadataMaxBytes)
        {
            Refuse(place, $"is to be an object of at most {MetadataMaxBytes} bytes");
            return null;
        }

        var redaction = Secrets.Redact(value);
        if (redaction.IsBlocked) return null;
        return Encoding.UTF8.GetString(redaction.IsChanged ? redaction.Rewritten.Span : value.Raw);
    }

    private DateTimeOffset? Time(JsonView value, string place)
    {
        if (value.AsString() is not { } text || !TryParse(text, out var time)) Refuse(place, "is to be a moment as in RFC 3339, like 2026-11-25T09:30:00Z");
        else if (time > now + MaxAhead) Refuse(place, "lies in the future");
        else if (time < now - MaxAge) Refuse(place, "lies more than 30 days back");
        else return time;
        return null;
    }

    // Some clients write nanoseconds, some no offset; both are clear enough.
    private static bool TryParse(string text, out DateTimeOffset time)
    {
        const int PointAt = 19;
        if (text.Length > PointAt && text[PointAt] == '.')
        {
            var end = PointAt + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            if (end - PointAt > 8) text = text[..(PointAt + 8)] + text[end..];
        }

        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    private void Refuse(string place, string why)
    {
        if (errors.Count < MaxErrors) errors.TryAdd(place, [why]);
    }
}
