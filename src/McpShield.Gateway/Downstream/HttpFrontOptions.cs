using Microsoft.AspNetCore.Http;

namespace McpShield.Gateway.Downstream;

/// <summary>What a host decides for <see cref="HttpFront"/>.</summary>
public sealed record HttpFrontOptions
{
    /// <summary>Who sent a request; <c>null</c> when its key is missing, unknown or revoked.</summary>
    public required Func<HttpContext, Agent?> Authenticate { get; init; }

    /// <summary>Names, without port, under which the gateway may be addressed.</summary>
    // THREAT: DNS rebinding: a page's own name that suddenly means this machine.
    public IReadOnlySet<string> AllowedHosts { get; init; } = new HashSet<string>(["localhost", "127.0.0.1", "[::1]"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Origins of web pages that may call the gateway from a browser, as browsers send them.</summary>
    public IReadOnlySet<string> AllowedOrigins { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Fires when the host stops: streams that never end by themselves end then.</summary>
    public CancellationToken Stopping { get; init; }
}
