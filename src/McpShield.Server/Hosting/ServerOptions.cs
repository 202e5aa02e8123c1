namespace McpShield.Server.Hosting;

/// <summary>What a start of the control plane and its gateway needs to know.</summary>
/// <param name="DataDirectory">Where the embedded databases lie, and the secrets that a development start makes for itself.</param>
/// <param name="ApiUrl">What to listen on.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Clock">Time.</param>
/// <param name="Settings">The configuration.</param>
public sealed record ServerOptions(string DataDirectory, Uri ApiUrl, string Version, TimeProvider Clock, ShieldSettings Settings)
{
    /// <summary>Whether this process answers requests; one that does not listens nowhere.</summary>
    public bool IsApi { get; init; } = true;

    /// <summary>Whether this process does the background work, when its turn comes.</summary>
    public bool IsWorker { get; init; } = true;
}

/// <summary>The program cannot start; the message says why and what to do.</summary>
public sealed class StartFailedException : Exception
{
    /// <summary>Creates it.</summary>
    public StartFailedException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
