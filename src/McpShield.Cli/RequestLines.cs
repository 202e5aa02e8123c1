using System.Globalization;
using System.Text;
using McpShield.Gateway.Enforcement;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Cli;

/// <summary>Calls as they stand in a file: <c>{"tool", "arguments" or "arguments_json", …context}</c>.</summary>
internal static class RequestLines
{
    // A line wraps arguments that may themselves be at their limits, or beyond them: that is for the decision to say.
    private static readonly JsonLimits LineLimits = new(8 * 1024 * 1024, 64, 200_000);

    private static readonly string[] ContextKeys = ["principal", "session", "time", "client_ip", "environment"];

    /// <summary>Decides the call of one line. A line that is no valid call is denied, as it would be in the gateway: each line has its answer.</summary>
    public static Decision Decide(CompiledPolicy policy, RateLimiter limits, string line)
    {
        try
        {
            using var tree = Parse(line);
            return Decide(policy, limits, tree.Root);
        }
        catch (InvalidRequestException invalid)
        {
            return new() { Outcome = Outcome.Deny, Reason = Reason.InvalidRequest, Message = invalid.Message };
        }
    }

    private static Decision Decide(CompiledPolicy policy, RateLimiter limits, JsonView root)
    {
        if (root["tool"u8].AsString() is not { } tool) throw new InvalidRequestException("`tool` is missing or not a string");
        var (value, text) = (root["arguments"u8], root["arguments_json"u8]);
        if (value.Exists && text.Exists) throw new InvalidRequestException("give either `arguments` or `arguments_json`");
        if (text.Exists && text.Kind is not JsonKind.String) throw new InvalidRequestException("`arguments_json` must be a string");
        var arguments = text.Exists ? Encoding.UTF8.GetBytes(text.GetString()) : value.Exists ? value.Raw.ToArray() : "{}"u8.ToArray();
        return Decide(policy, limits, tool, arguments, Context(root, allowed: ["tool", "arguments", "arguments_json", .. ContextKeys]));
    }

    public static Decision Decide(CompiledPolicy policy, RateLimiter limits, string tool, byte[] arguments, CallContext context)
    {
        if (!JsonTree.TryRead(arguments, JsonLimits.Arguments, out var tree, out var fault))
        {
            return new() { Outcome = Outcome.Deny, Reason = Reason.InvalidRequest, Message = $"the arguments are not acceptable: {fault.Message}" };
        }

        using (tree) return limits.Apply(Authorizer.Explain(policy, new ToolCall(tool, tree!.Root, context)), context.Time);
    }

    public static JsonTree Parse(string text)
    {
        if (!JsonTree.TryRead(Encoding.UTF8.GetBytes(text), LineLimits, out var tree, out var fault)) throw new InvalidRequestException($"not an acceptable request: {fault.Message}");
        if (tree!.Root.Kind is JsonKind.Object) return tree;
        tree.Dispose();
        throw new InvalidRequestException("not a JSON object");
    }

    public static CallContext Context(JsonView root, params IReadOnlyList<string> allowed)
    {
        foreach (var (name, _) in root.Members)
        {
            if (!(allowed.Count > 0 ? allowed : ContextKeys).Contains(name.GetString(), StringComparer.Ordinal)) throw new InvalidRequestException($"`{name.GetString()}` is not a known member");
        }

        var (principal, session) = (root["principal"u8], root["session"u8]);
        return new()
        {
            Principal = new()
            {
                Agent = Text(principal, "agent") ?? "",
                User = Text(principal, "user") ?? "",
                Key = Text(principal, "key") ?? "",
                Organization = Text(principal, "organization") ?? "",
                Roles = Texts(principal, "roles"),
                Scopes = Texts(principal, "scopes"),
            },
            Session = new() { Labels = Texts(session, "labels").ToHashSet(StringComparer.Ordinal), Calls = Counts(session["calls"u8]) },
            Time = Text(root, "time") is { } time ? Moment(time) : default,
            ClientIp = Text(root, "client_ip"),
            Environment = Text(root, "environment"),
        };
    }

    private static Dictionary<string, int> Counts(JsonView calls)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (tool, count) in calls.Members)
        {
            counts[tool.GetString()] = int.TryParse(Encoding.UTF8.GetString(count.Raw), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new InvalidRequestException("`session.calls` holds whole numbers");
        }

        return counts;
    }

    private static DateTimeOffset Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw new InvalidRequestException("`time` is not an ISO 8601 moment");

    private static string? Text(JsonView owner, string name)
    {
        var value = owner[Encoding.UTF8.GetBytes(name)];
        return value.Kind is JsonKind.Undefined or JsonKind.Null or JsonKind.String ? value.AsString() : throw new InvalidRequestException($"`{name}` must be a string");
    }

    private static string[] Texts(JsonView owner, string name)
    {
        var texts = new List<string>();
        foreach (var item in owner[Encoding.UTF8.GetBytes(name)].Items) texts.Add(item.AsString() ?? throw new InvalidRequestException($"`{name}` must hold strings"));
        return [.. texts];
    }

}

/// <summary>What was asked is not a valid call; the message is for people.</summary>
internal sealed class InvalidRequestException(string message) : Exception(message);
