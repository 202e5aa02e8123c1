using System.Collections.Frozen;

namespace McpShield.Gateway.Protocol;

/// <summary>What the gateway does with a method.</summary>
internal enum McpOperation
{
    /// <summary>Refuse. Zero: a method nobody listed is refused.</summary>
    Refuse,
    Initialize,
    Discover,
    Ping,
    ListTools,
    CallTool,
    Listen,
    Cancel,

    /// <summary>Take note and do nothing.</summary>
    Ignore,
}

[Flags]
internal enum McpEras
{
    None = 0,
    Legacy = 1,
    Modern = 2,
    Both = Legacy | Modern,
}

/// <summary>One row of the method table.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Kind">Request or notification; the other kind of the same name is refused.</param>
/// <param name="Eras">Where it exists.</param>
internal sealed record McpMethod(McpOperation Operation, RpcKind Kind, McpEras Eras);

/// <summary>Every method an agent may send. What is not in this table is refused.</summary>
internal static class McpMethods
{
    private static readonly FrozenDictionary<string, McpMethod> Table = new Dictionary<string, McpMethod>(StringComparer.Ordinal)
    {
        ["initialize"] = new(McpOperation.Initialize, RpcKind.Request, McpEras.Legacy),
        ["server/discover"] = new(McpOperation.Discover, RpcKind.Request, McpEras.Modern),
        ["ping"] = new(McpOperation.Ping, RpcKind.Request, McpEras.Legacy), // liveness only, touches no upstream
        ["tools/list"] = new(McpOperation.ListTools, RpcKind.Request, McpEras.Both), // filtered to what could be allowed
        ["tools/call"] = new(McpOperation.CallTool, RpcKind.Request, McpEras.Both), // decided, recorded, forwarded
        ["subscriptions/listen"] = new(McpOperation.Listen, RpcKind.Request, McpEras.Modern), // carries only our own list_changed
        ["notifications/cancelled"] = new(McpOperation.Cancel, RpcKind.Notification, McpEras.Both), // ends the sender's own call
        ["notifications/initialized"] = new(McpOperation.Ignore, RpcKind.Notification, McpEras.Legacy),
        ["notifications/progress"] = new(McpOperation.Ignore, RpcKind.Notification, McpEras.Legacy), // of what a server asked: it waits for the answer itself
        ["notifications/roots/list_changed"] = new(McpOperation.Ignore, RpcKind.Notification, McpEras.Legacy), // a server asks anew
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static McpOperation Find(RpcMessage message, bool modern) =>
        Table.TryGetValue(message.Method, out var row)
        && row.Kind == message.Kind
        && row.Eras.HasFlag(modern ? McpEras.Modern : McpEras.Legacy)
            ? row.Operation
            : McpOperation.Refuse;
}
