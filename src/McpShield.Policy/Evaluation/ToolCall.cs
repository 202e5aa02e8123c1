using McpShield.Policy.Json;
using McpShield.Policy.Schemas;

namespace McpShield.Policy.Evaluation;

/// <summary>One question to the decision point: may this principal call this tool with these arguments, under these circumstances?</summary>
/// <param name="Tool">The qualified name, <c>server.tool</c>, as policies see it.</param>
/// <param name="Arguments">The arguments as they were read; no value and <c>null</c> mean an empty object, any other kind but an object is an invalid request.</param>
/// <param name="Context">Who asks, and when.</param>
/// <param name="Statement">What the connection behind the tool says of the statement in the arguments; <c>null</c> when the tool takes none.</param>
/// <param name="Schema">The tool's approved input schema; <c>null</c> when there is no catalogue of tools.</param>
public sealed record ToolCall(string Tool, JsonView Arguments, CallContext Context, StatementVerdict? Statement = null, InputSchema? Schema = null);

/// <summary>The circumstances of a call (policy language, section 6). The gateway fills it from the authenticated key and the connection, never from arguments.</summary>
public sealed record CallContext
{
    /// <summary>A context that grants nothing: no principal, no session, the beginning of time.</summary>
    public static CallContext Empty { get; } = new();

    /// <summary>Who acts.</summary>
    public Principal Principal { get; init; } = Principal.Nobody;

    /// <summary>Labels and counts of the session, read once before the decision.</summary>
    public SessionState Session { get; init; } = SessionState.None;

    /// <summary>The moment of the call.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The caller's address as text, or <c>null</c> when unknown.</summary>
    public string? ClientIp { get; init; }

    /// <summary><c>dev</c>, <c>staging</c> or <c>prod</c>, or <c>null</c> when unknown.</summary>
    public string? Environment { get; init; }
}

/// <summary>Who acts: an agent with a key, on behalf of an organization. A missing field is empty, never <c>null</c>.</summary>
public sealed record Principal
{
    /// <summary>A principal with no name and no rights.</summary>
    public static Principal Nobody { get; } = new();

    /// <summary>The agent's name, as set on the key.</summary>
    public string Agent { get; init; } = "";

    /// <summary>The person, where one is known.</summary>
    public string User { get; init; } = "";

    /// <summary>The key's identifier; never the key.</summary>
    public string Key { get; init; } = "";

    /// <summary>The organization's identifier.</summary>
    public string Organization { get; init; } = "";

    /// <summary>Roles set on the key.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Scopes set on the key.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];
}

/// <summary>What a session has gathered so far.</summary>
public sealed record SessionState
{
    /// <summary>No session: no labels, no calls.</summary>
    public static SessionState None { get; } = new();

    /// <summary>What tells this session from others; <c>null</c> when there is none. Never shown to anyone: it only names counters.</summary>
    public string? Id { get; init; }

    /// <summary>Labels, which only grow within a session.</summary>
    public IReadOnlySet<string> Labels { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Calls allowed so far, by qualified tool name.</summary>
    public IReadOnlyDictionary<string, int> Calls { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);
}

/// <summary>What a database connection says of a statement before anything is decided or run.</summary>
/// <param name="Refusal">Why the connection will not run it, or <c>null</c> when it would.</param>
public sealed record StatementVerdict(DecisionDetail? Refusal)
{
    /// <summary>The connection would run the statement.</summary>
    public static StatementVerdict Accepted { get; } = new(Refusal: null);
}
