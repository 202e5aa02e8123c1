namespace McpShield.Policy.Asking;

/// <summary>What a server asks of an agent.</summary>
public enum ServerRequestKind
{
    /// <summary>Something else. Zero: what nobody named is refused.</summary>
    Unknown,

    /// <summary>Input of the person behind the agent.</summary>
    Elicitation,

    /// <summary>An answer of the agent's model.</summary>
    Sampling,

    /// <summary>The agent's folders.</summary>
    Roots,
}

/// <summary>The methods of the protocol by which servers ask.</summary>
public static class ServerRequestKinds
{
    /// <summary>The kind that <paramref name="method"/> asks for.</summary>
    public static ServerRequestKind Of(string method) => method switch
    {
        "elicitation/create" => ServerRequestKind.Elicitation,
        "sampling/createMessage" => ServerRequestKind.Sampling,
        "roots/list" => ServerRequestKind.Roots,
        _ => ServerRequestKind.Unknown,
    };
}
