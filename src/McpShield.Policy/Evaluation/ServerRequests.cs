using McpShield.Policy.Asking;

namespace McpShield.Policy.Evaluation;

/// <summary>What an upstream server may ask of the agent; what is not named is denied.</summary>
/// <param name="Elicitation">To ask the person behind the agent.</param>
/// <param name="Sampling">To use the agent's model.</param>
/// <param name="Roots">To learn the agent's folders.</param>
public sealed record ServerRequests(bool Elicitation, bool Sampling, bool Roots)
{
    /// <summary>Nothing.</summary>
    public static ServerRequests None { get; } = new(false, false, false);

    /// <summary>Whether requests of a kind may be asked at all. A kind that is not known may not.</summary>
    public bool Allow(ServerRequestKind kind) => kind switch
    {
        ServerRequestKind.Elicitation => Elicitation,
        ServerRequestKind.Sampling => Sampling,
        ServerRequestKind.Roots => Roots,
        _ => false,
    };
}
