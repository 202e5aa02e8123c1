using System.Globalization;
using System.Text;
using McpShield.Policy.Json;
using McpShield.Policy.Redaction;

namespace McpShield.Policy.Evaluation;

/// <summary>Calls in their file form: <c>{"tool", "arguments" or "arguments_json", and the fields of the context at the same level}</c>.</summary>
/// <param name="Tool">The qualified tool.</param>
/// <param name="Arguments">The arguments as JSON text, not read yet: whether they are acceptable is for the decision to say.</param>
/// <param name="Context">The circumstances.</param>
public sealed record CallText(string Tool, byte[] Arguments, CallContext Context)
{
    // A line wraps arguments that may themselves be at their limits, or beyond them.
    private static readonly JsonLimits LineLimits = new(8 * 1024 * 1024, 64, 200_000);

    private static readonly string[] ContextKeys = ["principal", "session", "time", "client_ip", "environment"];

    /// <summary>Reads one line. Throws <see cref="CallFormatException"/>.</summary>
    public static CallText Read(string line)
    {
        using var tree = Parse(line);
        var root = tree.Root;
        if (root["tool"u8].AsString() is not { } tool) throw new CallFormatException("`tool` is missing or not a string");
        var (value, text) = (root["arguments"u8], root["arguments_json"u8]);
        if (value.Exists && text.Exists) throw new CallFormatException("give either `arguments` or `arguments_json`");
        if (text.Exists && text.Kind is not JsonKind.String) throw new CallFormatException("`arguments_json` must be a string");
        var arguments = text.Exists ? Encoding.UTF8.GetBytes(text.GetString()) : value.Exists ? value.Raw.ToArray() : "{}"u8.ToArray();
        return new(tool, arguments, ReadContext(root, ["tool", "arguments", "arguments_json", .. ContextKeys]));
    }

    /// <summary>Reads a context record. Throws <see cref="CallFormatException"/>.</summary>
    public static CallContext ReadContext(string text)
    {
        using var tree = Parse(text);
        return ReadContext(tree.Root, ContextKeys);
    }

    /// <summary>Decides the call by <paramref name="policy"/>, its argument filters included, with the way to the answer.</summary>
    public Decision Explain(CompiledPolicy policy)
    {
        if (!JsonTree.TryRead(Arguments, JsonLimits.Arguments, out var tree, out var fault))
        {
            return new() { Outcome = Outcome.Deny, Reason = Reason.InvalidRequest, Message = $"the arguments are not acceptable: {fault.Message}" };
        }

        using (tree)
        {
            var decision = Authorizer.Explain(policy, new ToolCall(Tool, tree!.Root, Context));
            return policy.IsShadow ? decision : PolicyFilters.ForTrial.FilterArguments(decision, tree.Root, out _);
        }
    }

    private static JsonTree Parse(string text)
    {
        if (!JsonTree.TryRead(Encoding.UTF8.GetBytes(text), LineLimits, out var tree, out var fault)) throw new CallFormatException($"not an acceptable request: {fault.Message}");
        if (tree!.Root.Kind is JsonKind.Object) return tree;
        tree.Dispose();
        throw new CallFormatException("not a JSON object");
    }

    private static CallContext ReadContext(JsonView root, IReadOnlyList<string> allowed)
    {
        foreach (var (name, _) in root.Members)
        {
            if (!allowed.Contains(name.GetString(), StringComparer.Ordinal)) throw new CallFormatException($"`{name.GetString()}` is not a known member");
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
                : throw new CallFormatException("`session.calls` holds whole numbers");
        }

        return counts;
    }

    private static DateTimeOffset Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw new CallFormatException("`time` is not an ISO 8601 moment");

    private static string? Text(JsonView owner, string name)
    {
        var value = owner[Encoding.UTF8.GetBytes(name)];
        return value.Kind is JsonKind.Undefined or JsonKind.Null or JsonKind.String ? value.AsString() : throw new CallFormatException($"`{name}` must be a string");
    }

    private static string[] Texts(JsonView owner, string name)
    {
        var texts = new List<string>();
        foreach (var item in owner[Encoding.UTF8.GetBytes(name)].Items) texts.Add(item.AsString() ?? throw new CallFormatException($"`{name}` must hold strings"));
        return [.. texts];
    }
}

/// <summary>What was given is not a call; the message is for people.</summary>
public sealed class CallFormatException(string message) : Exception(message);
