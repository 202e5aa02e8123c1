namespace McpShield.Server.Hosting;

/// <summary>What a start of the control plane and its gateway needs to know.</summary>
/// <param name="DataDirectory">Where the embedded databases lie.</param>
/// <param name="ApiUrl">What to listen on.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Clock">Time.</param>
public sealed record ServerOptions(string DataDirectory, Uri ApiUrl, string Version, TimeProvider Clock)
{
    /// <summary>Names beside the loopback ones under which the gateway may be addressed.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Origins of web pages that may call the API.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = ["http://localhost:3000", "https://mcpshield.xyz", "https://app.mcpshield.xyz", "https://www.mcpshield.xyz"];
}

/// <summary>The program cannot start; the message says why and what to do.</summary>
public sealed class StartFailedException : Exception
{
    /// <summary>Creates it.</summary>
    public StartFailedException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
