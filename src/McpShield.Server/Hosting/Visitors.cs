using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace McpShield.Server.Hosting;

/// <summary>Where a request really comes from.</summary>
/// <remarks>
/// THREAT: a forged address would get around every limit that counts by address. The web tier passes its visitor's address on beside the shared
/// token; nobody else is believed.
/// </remarks>
internal sealed class Visitors(ShieldSettings settings)
{
    /// <summary>The header in which the web tier proves itself.</summary>
    public const string TokenHeader = "X-Web-Api-Token";

    /// <summary>The header in which the web tier passes the visitor's address on.</summary>
    public const string AddressHeader = "X-Visitor-Address";

    private readonly byte[]? digest = settings.WebApiToken is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    public string Address(HttpContext context) => (Told(context) ?? context.Connection.RemoteIpAddress) switch
    {
        null => "unknown",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };

    /// <summary>Whether the request comes from the web tier, which proves it with the shared token.</summary>
    public bool IsWeb(HttpContext context) =>
        digest is not null && context.Request.Headers[TokenHeader] is [{ } token] && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), digest);

    private IPAddress? Told(HttpContext context) =>
        context.Request.Headers[AddressHeader] is [{ } text] && IsWeb(context) && IPAddress.TryParse(text, out var address) ? address : null;
}
