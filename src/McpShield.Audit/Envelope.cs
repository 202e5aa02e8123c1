using System.Globalization;
using System.Security.Cryptography;
using McpShield.Policy.Evaluation;

namespace McpShield.Audit;

/// <summary>What a record is.</summary>
public enum RecordKind
{
    /// <summary>A process began its stream; signed.</summary>
    Opened,

    /// <summary>A decision.</summary>
    Decision,

    /// <summary>An outcome.</summary>
    Outcome,

    /// <summary>A process ended its stream in order; signed.</summary>
    Sealed,

    /// <summary>What somebody did in the control plane.</summary>
    Action,
}

/// <summary>The two texts of a record: the envelope, which is chained for good, and the payload, which can be erased.</summary>
/// <remarks>The envelope holds what an auditor needs and nothing personal beyond identifiers; arguments, addresses and messages lie in the payload.</remarks>
internal static class Envelope
{
    private const int Format = 1;

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public static byte[] Opened(Guid stream, DateTimeOffset time, AuditProcess process, AuditSigningKey key)
    {
        byte[] Write(string? signature) => new CanonicalObject()
            .Number("format", Format)
            .Text("host", process.Host)
            .Text("kind", "opened")
            .Text("previous_hash", process.PreviousHash)
            .Id("previous_stream", process.PreviousStream)
            .Number("process", process.Id)
            .Text("public_key", Convert.ToBase64String(key.PublicKey))
            .Number("seq", 1)
            .Text("signature", signature)
            .Id("stream", stream)
            .Text("time", Time(time))
            .Text("version", process.Version)
            .End();

        return Write(Convert.ToBase64String(key.Sign(Write(signature: null))));
    }

    public static byte[] Sealed(Guid stream, long seq, ReadOnlySpan<byte> previous, DateTimeOffset time, AuditSigningKey key)
    {
        var head = Convert.ToHexStringLower(previous);
        byte[] Write(string? signature) => new CanonicalObject()
            .Number("format", Format)
            .Text("head", head)
            .Text("kind", "sealed")
            .Number("seq", seq)
            .Text("signature", signature)
            .Id("stream", stream)
            .Text("time", Time(time))
            .End();

        return Write(Convert.ToBase64String(key.Sign(Write(signature: null))));
    }

    public static byte[] Of(DecisionRecord record, Guid stream, long seq, ReadOnlySpan<byte> payloadDigest) => new CanonicalObject()
        .Text("agent", record.Principal.Agent)
        .Id("call_id", record.CallId)
        .Texts("codes", [.. record.Decision.Details.Select(static detail => WireNames.Of(detail.Code)).Distinct(StringComparer.Ordinal)])
        .Text("decision", WireNames.Of(record.Decision.Outcome))
        .Number("format", Format)
        .Text("key", record.Principal.Key)
        .Text("kind", "decision")
        .Text("method", record.Method)
        .Text("mode", record.IsShadow ? "shadow" : null)
        .Id("organization_id", record.OrganizationId)
        .Text("payload_sha256", Convert.ToHexStringLower(payloadDigest))
        .Text("policy_hash", record.PolicyHash)
        .Id("project_id", record.ProjectId)
        .Text("protocol", record.ProtocolVersion)
        .Text("reason", WireNames.Of(record.Decision.Reason))
        .Text("rule", record.Decision.Rule)
        .Number("seq", seq)
        .Texts("shadow", [.. record.Decision.Shadows.Select(static match => $"{match.Rule}: {WireNames.Of(match.Outcome)}")])
        .Text("source", record.Source is DecisionSource.Enforced ? null : AuditNames.Of(record.Source))
        .Id("stream", stream)
        .Text("time", Time(record.Time))
        .Text("tool", record.Tool)
        .Text("tool_pin", record.ToolPin)
        .Text("transport", record.Transport)
        .Text("user", record.Principal.User)
        .End();

    public static byte[] Of(OutcomeRecord record, Guid stream, long seq, ReadOnlySpan<byte> payloadDigest) => new CanonicalObject()
        .Id("call_id", record.CallId)
        .Number("duration_us", (long)record.Duration.TotalMicroseconds)
        .Number("format", Format)
        .Text("kind", "outcome")
        .Text("payload_sha256", Convert.ToHexStringLower(payloadDigest))
        .Number("result_bytes", record.ResultBytes)
        .Number("seq", seq)
        .Text("status", CallStatusNames.Of(record.Status))
        .Id("stream", stream)
        .Text("time", Time(record.Time))
        .End();

    public static byte[] Of(ActionRecord record, Guid stream, long seq, ReadOnlySpan<byte> payloadDigest) => new CanonicalObject()
        .Text("action", record.Action)
        .Text("actor", record.Actor)
        .Id("actor_user_id", record.ActorUserId ?? Guid.Empty)
        .Id("call_id", record.CallId)
        .Number("format", Format)
        .Text("kind", "action")
        .Id("organization_id", record.OrganizationId)
        .Text("payload_sha256", Convert.ToHexStringLower(payloadDigest))
        .Id("project_id", record.ProjectId)
        .Number("seq", seq)
        .Id("stream", stream)
        .Text("target_id", record.TargetId)
        .Text("target_type", record.TargetType)
        .Text("time", Time(record.Time))
        .End();

    public static byte[] Payload(DecisionRecord record) => new CanonicalObject()
        .Json("arguments", record.Arguments is { } arguments ? arguments.Span : default)
        .Text("client", record.Client)
        .Text("client_ip", record.ClientIp)
        .Json("details", Details(record.Decision))
        .Text("event_id", record.EventId)
        .Text("message", record.Decision.Message)
        .End();

    public static byte[] Payload(OutcomeRecord record) => record.Error is null ? [] : new CanonicalObject().Text("error", record.Error).End();

    public static byte[] Payload(ActionRecord record) => new CanonicalObject()
        .Json("after", record.After is { } after ? after.Span : default)
        .Json("before", record.Before is { } before ? before.Span : default)
        .Text("client_ip", record.ClientIp)
        .End();

    public static byte[] NewSalt() => RandomNumberGenerator.GetBytes(16);

    private static byte[] Details(Decision decision)
    {
        if (decision.Details.IsEmpty) return [];
        var written = decision.Details.Select(static detail =>
        {
            var one = new CanonicalObject().Text("code", WireNames.Of(detail.Code)).Text("message", detail.Message).Text("pointer", detail.Pointer);
            if (detail.Position is { } position) one.Number("position", position);
            return one.Text("rule", detail.Rule).End();
        });
        return [(byte)'[', .. Join(written), (byte)']'];
    }

    private static IEnumerable<byte> Join(IEnumerable<byte[]> parts)
    {
        var first = true;
        foreach (var part in parts)
        {
            if (!first) yield return (byte)',';
            first = false;
            foreach (var one in part) yield return one;
        }
    }
}

/// <summary>What the opening record says of the process that writes.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Id">The process id.</param>
/// <param name="Version">The program's version.</param>
/// <param name="PreviousStream">The stream written before in the same place, where it is known.</param>
/// <param name="PreviousHash">That stream's last link, as hexadecimal digits.</param>
public sealed record AuditProcess(string Host, int Id, string Version, Guid PreviousStream = default, string? PreviousHash = null);
