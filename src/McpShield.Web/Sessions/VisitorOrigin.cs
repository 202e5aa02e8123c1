using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Sessions;

/// <summary>From where somebody visits, and with what: passed on to the API, which limits and records by it.</summary>
internal sealed record VisitorOrigin(string? Address, string? UserAgent)
{
    private const string AddressClaim = "mcpshield:address";
    private const string AgentClaim = "mcpshield:agent";
    private const int AgentMaxLength = 500;

    public static VisitorOrigin Of(HttpContext context) => new(Text(context.Connection.RemoteIpAddress), context.Request.Headers.UserAgent is [{ Length: > 0 } agent, ..] ? agent[..Math.Min(agent.Length, AgentMaxLength)] : null);

    public static VisitorOrigin Of(ClaimsPrincipal user) => new(user.FindFirst(AddressClaim)?.Value, user.FindFirst(AgentClaim)?.Value);

    /// <summary>As an identity beside the person's own: it goes along into circuits, which have no request.</summary>
    public ClaimsIdentity ToIdentity()
    {
        var identity = new ClaimsIdentity();
        if (Address is not null) identity.AddClaim(new(AddressClaim, Address));
        if (UserAgent is not null) identity.AddClaim(new(AgentClaim, UserAgent));
        return identity;
    }

    private static string? Text(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
