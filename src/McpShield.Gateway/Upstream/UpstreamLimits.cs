using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>What one upstream may cost. Every wait and every size has an end.</summary>
public sealed record UpstreamLimits
{
    /// <summary>The defaults.</summary>
    public static UpstreamLimits Default { get; } = new();

    /// <summary>From start to the end of the handshake; a package runner may download first.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A call still running after this is cancelled. Agents give up at 60 seconds themselves.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>How long an agent has to answer what a server asks; within the call's own time.</summary>
    public TimeSpan QuestionTimeout { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How often a server may ask during one call.</summary>
    public int MaxQuestions { get; init; } = 16;

    /// <summary>The largest parameters of one such request.</summary>
    public int MaxQuestionBytes { get; init; } = 256 * 1024;

    /// <summary>The most connections of one server that belong to one agent session each, because it can be asked.</summary>
    public int MaxSessionConnections { get; init; } = 64;

    /// <summary>The shortest time between two starts of a server that failed.</summary>
    public TimeSpan RestartDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a child has to leave after its input was closed, before it is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The largest message an upstream may send; a larger one ends the connection.</summary>
    public JsonLimits Message { get; init; } = new(MaxBytes: 8 * 1024 * 1024, MaxDepth: 64, MaxNodes: 500_000);

    /// <summary>The most tools one server may offer.</summary>
    public int MaxTools { get; init; } = 2_000;
}
