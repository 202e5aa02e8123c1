namespace McpShield.Gateway.Upstream;

/// <summary>How to reach one upstream. <paramref name="Name"/> is the server id that policies and agents see: <c>[a-z0-9_-]+</c> without <c>__</c>.</summary>
public abstract record UpstreamSpec(string Name);

/// <summary>An MCP server that is started as a child process and spoken to over its standard streams.</summary>
/// <param name="Name">The server id.</param>
/// <param name="Command">The program; looked up in PATH when it is a bare name. Never a shell line.</param>
/// <param name="Arguments">Its arguments, one by one.</param>
/// <param name="Environment">Variables added to the short list that every child gets; the gateway's own environment is not inherited.</param>
/// <param name="WorkingDirectory">Where it starts; <c>null</c> for the gateway's own directory.</param>
public sealed record StdioServerSpec(
    string Name,
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string? WorkingDirectory) : UpstreamSpec(Name);

/// <summary>An MCP server that is reached over Streamable HTTP.</summary>
/// <param name="Name">The server id.</param>
/// <param name="Url">Its endpoint, http or https.</param>
/// <param name="Headers">Headers sent with every request, credentials among them.</param>
public sealed record HttpServerSpec(string Name, Uri Url, IReadOnlyDictionary<string, string> Headers) : UpstreamSpec(Name);

/// <summary>A SQLite database that is offered as tools of the gateway's own.</summary>
/// <param name="Name">The connection's name, the server id of its tools.</param>
/// <param name="Path">The database file.</param>
public sealed record SqliteConnectionSpec(string Name, string Path) : UpstreamSpec(Name);

/// <summary>Which names an upstream may have.</summary>
public static class UpstreamNames
{
    /// <summary>What is wrong with <paramref name="name"/>, or <c>null</c>.</summary>
    public static string? Problem(string name) =>
        name.Length is 0 or > 32 ? "a server name is 1 to 32 characters long"
        : !name.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-') ? $"the server name `{name}` may hold only a-z, 0-9, `_` and `-`"
        : name.Contains("__", StringComparison.Ordinal) ? $"the server name `{name}` may not hold `__`: it separates server and tool"
        : null;
}
