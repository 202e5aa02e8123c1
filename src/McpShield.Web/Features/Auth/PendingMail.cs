using System.Text.Json;
using System.Text.Json.Serialization;
using McpShield.Web.Hosting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Features.Auth;

/// <summary>Whose address is being confirmed, from one page to the next: no address and no token stands in a URL.</summary>
/// <param name="Email">The address.</param>
/// <param name="Purpose">What the code is good for.</param>
/// <param name="ResetToken">Once a code for a reset was right: what a new password may be set with.</param>
/// <param name="Return">Where the visitor wanted to go.</param>
internal sealed record Pending(string Email, string Purpose, string? ResetToken = null, string? Return = null)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(Pending);
}

[JsonSerializable(typeof(Pending))]
internal sealed partial class PendingJson : JsonSerializerContext;

/// <summary>Keeps <see cref="Pending"/> in a cookie that only this site can read.</summary>
internal sealed class PendingMail(IDataProtectionProvider protection, WebSettings settings)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(20);

    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("pending-mail").ToTimeLimitedDataProtector();

    private string Name => settings.CookieName("pending");

    public void Write(HttpContext context, Pending pending) => context.Response.Cookies.Append(
        Name,
        protector.Protect(JsonSerializer.Serialize(pending, PendingJson.Default.Pending), Lifetime),
        new() { HttpOnly = true, Secure = settings.IsSecure, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = Lifetime, IsEssential = true });

    /// <summary><c>null</c>: there is none, or its time is over.</summary>
    public Pending? Read(HttpContext context)
    {
        if (context.Request.Cookies[Name] is not { Length: > 0 } kept) return null;
        try
        {
            return JsonSerializer.Deserialize(protector.Unprotect(kept), PendingJson.Default.Pending);
        }
        catch (Exception failure) when (failure is System.Security.Cryptography.CryptographicException or JsonException)
        {
            return null;
        }
    }

    public void Forget(HttpContext context) => context.Response.Cookies.Delete(Name, new() { Path = "/", Secure = settings.IsSecure });
}
