namespace McpShield.Web.Hosting;

/// <summary>What a start of the web host needs to know.</summary>
/// <param name="DataDirectory">Where the keys lie that protect cookies and forms, unless Redis holds them.</param>
/// <param name="WebUrl">What to listen on.</param>
/// <param name="ApiUrl">Where the API is.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Clock">Time.</param>
/// <param name="Settings">The configuration.</param>
public sealed record WebOptions(string DataDirectory, Uri WebUrl, Uri ApiUrl, string Version, TimeProvider Clock, WebSettings Settings)
{
    /// <summary>The program that serves the static files: its build wrote down, under this name, where they lie.</summary>
    public string Program { get; init; } = "mcpshield";
}

/// <summary>The web host cannot start; the message says why and what to do.</summary>
public sealed class WebStartFailedException(string message, Exception? inner = null) : Exception(message, inner);
