using System.Globalization;
using McpShield.Policy.Json;

namespace McpShield.Audit;

/// <summary>One entry as a person reads it: a decision with its outcome where there is one, or an action in the control plane.</summary>
public sealed record AuditEntry
{
    /// <summary>The call, or the action.</summary>
    public required Guid CallId { get; init; }

    /// <summary>When it was decided or done.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary><c>decision</c> or <c>action</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>allow</c>, <c>deny</c> or <c>approve</c>; <c>null</c> of an action.</summary>
    public string? Decision { get; init; }

    /// <summary><c>enforced</c> or <c>reported</c>; <c>null</c> of an action.</summary>
    public string? Source { get; init; }

    /// <summary>What was done, for instance <c>project.created</c>; <c>null</c> of a decision.</summary>
    public string? Action { get; init; }

    /// <summary>Who did it: <c>user</c>, <c>operator</c> or <c>system</c>; <c>null</c> of a decision.</summary>
    public string? Actor { get; init; }

    /// <summary>The user who did it, where one did.</summary>
    public Guid? ActorUserId { get; init; }

    /// <summary>What it was done to.</summary>
    public string? TargetType { get; init; }

    /// <summary>Which one.</summary>
    public string? TargetId { get; init; }

    /// <summary>The qualified tool, or <c>null</c>.</summary>
    public string? Tool { get; init; }

    /// <summary>The method.</summary>
    public string? Method { get; init; }

    /// <summary>The rule that decided, or <c>null</c>.</summary>
    public string? Rule { get; init; }

    /// <summary>Why, from the closed list.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, for people; <c>null</c> when the payload was erased.</summary>
    public string? Message { get; init; }

    /// <summary>What was met on the way.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>The agent's name.</summary>
    public string? Agent { get; init; }

    /// <summary>The key's id.</summary>
    public string? Key { get; init; }

    /// <summary>The user that the policy saw; <c>null</c> when it saw none.</summary>
    public string? User { get; init; }

    /// <summary>The caller's address; <c>null</c> when there was none, or the payload was erased.</summary>
    public string? ClientIp { get; init; }

    /// <summary>Whether the payload is there: arguments, messages and addresses are gone once it was erased.</summary>
    public bool HasPayload { get; init; }

    /// <summary>The organization; <c>null</c> for a local gateway.</summary>
    public Guid? OrganizationId { get; init; }

    /// <summary>The project; <c>null</c> for a local gateway.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>Whether the decision was only put on record (<c>mode: shadow</c>).</summary>
    public bool IsShadow { get; init; }

    /// <summary>Rules in shadow that matched, and what they would have decided: <c>rule: deny</c>.</summary>
    public IReadOnlyList<string> Shadows { get; init; } = [];

    /// <summary>How it ended; <c>null</c> when it was never forwarded, or has not ended.</summary>
    public string? Status { get; init; }

    /// <summary>From forwarding to the end, in microseconds; <c>null</c> when there is no outcome.</summary>
    public long? DurationMicroseconds { get; init; }

    /// <summary>The entry of a decision's or an action's envelope and payload.</summary>
    public static AuditEntry Of(byte[] envelope, byte[]? payload)
    {
        using var read = Read(envelope);
        var root = read.Root;
        using var rest = payload is { Length: > 0 } ? Read(payload) : null;
        var isDecision = root["kind"u8].StringEquals("decision"u8);
        return new()
        {
            CallId = Guid.ParseExact(root["call_id"u8].GetString(), "D"),
            Time = DateTimeOffset.Parse(root["time"u8].GetString(), CultureInfo.InvariantCulture),
            Kind = root["kind"u8].GetString(),
            Decision = root["decision"u8].AsString(),
            Source = isDecision ? root["source"u8].AsString() ?? AuditNames.Of(DecisionSource.Enforced) : null,
            Action = root["action"u8].AsString(),
            Actor = root["actor"u8].AsString(),
            ActorUserId = Id(root["actor_user_id"u8]),
            TargetType = root["target_type"u8].AsString(),
            TargetId = root["target_id"u8].AsString(),
            Tool = root["tool"u8].AsString(),
            Method = root["method"u8].AsString(),
            Rule = root["rule"u8].AsString(),
            Reason = root["reason"u8].AsString(),
            Message = rest?.Root["message"u8].AsString(),
            Codes = Texts(root["codes"u8]),
            IsShadow = root["mode"u8].AsString() == "shadow",
            Shadows = Texts(root["shadow"u8]),
            Agent = root["agent"u8].AsString(),
            Key = root["key"u8].AsString(),
            User = root["user"u8].AsString(),
            ClientIp = rest?.Root["client_ip"u8].AsString(),
            HasPayload = payload is not null,
            OrganizationId = Id(root["organization_id"u8]),
            ProjectId = Id(root["project_id"u8]),
        };
    }

    /// <summary>This entry with the outcome of its call.</summary>
    public AuditEntry EndedBy(byte[] outcome)
    {
        using var read = Read(outcome);
        return this with
        {
            Status = read.Root["status"u8].AsString(),
            DurationMicroseconds = long.Parse(System.Text.Encoding.ASCII.GetString(read.Root["duration_us"u8].Raw), CultureInfo.InvariantCulture),
        };
    }

    private static Guid? Id(JsonView view) => view.AsString() is { } text ? Guid.ParseExact(text, "D") : null;

    private static string[] Texts(JsonView list)
    {
        var texts = new List<string>();
        foreach (var item in list.Items) texts.Add(item.GetString());
        return [.. texts];
    }

    private static JsonTree Read(byte[] json) =>
        JsonTree.TryRead(json, new(4 * 1024 * 1024, 64, 50_000), out var tree, out var fault) ? tree! : throw new InvalidDataException($"an audit record is not JSON: {fault}");
}

/// <summary>Which entries are wanted.</summary>
/// <param name="Limit">At most so many, 1 to 200.</param>
/// <param name="Decision">Only this decision.</param>
/// <param name="Tool">Only this qualified tool.</param>
public sealed record AuditFilter(int Limit = 50, string? Decision = null, string? Tool = null)
{
    /// <summary>Whether <paramref name="entry"/> is wanted.</summary>
    public bool Takes(AuditEntry entry) => (Decision is null || entry.Decision == Decision) && (Tool is null || entry.Tool == Tool);
}

/// <summary>Reads an audit file while it may be written.</summary>
public static class AuditFileReader
{
    /// <summary>The entries wanted, newest first.</summary>
    public static IReadOnlyList<AuditEntry> List(string path, AuditFilter filter)
    {
        using var file = Open(path);
        var outcomes = new Dictionary<Guid, byte[]>();
        var decisions = new List<AuditEntry>();
        foreach (var record in AuditFile.Read(file))
        {
            if (record.Kind == "decision") decisions.Add(AuditEntry.Of(record.Envelope, record.Payload));
            else if (record.Kind == "outcome") outcomes[CallOf(record)] = record.Envelope;
        }

        return
        [
            .. Enumerable.Reverse(decisions).Where(filter.Takes).Take(filter.Limit)
                .Select(entry => outcomes.TryGetValue(entry.CallId, out var outcome) ? entry.EndedBy(outcome) : entry),
        ];
    }

    /// <summary>The records, in the order of the file.</summary>
    public static IReadOnlyList<KeptRecord> Read(string path)
    {
        using var file = Open(path);
        return [.. AuditFile.Read(file)];
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    private static Guid CallOf(KeptRecord record)
    {
        using var tree = JsonTree.TryRead(record.Envelope, JsonLimits.Message, out var read, out _) ? read! : throw new InvalidDataException("an audit record is not JSON");
        return Guid.ParseExact(tree.Root["call_id"u8].GetString(), "D");
    }
}
