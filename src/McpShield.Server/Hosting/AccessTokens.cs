using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using McpShield.Data.Ephemeral;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpShield.Server.Hosting;

/// <summary>What a valid access token says.</summary>
internal readonly record struct AccessClaims(Guid UserId, Guid SessionId);

/// <summary>Issues and reads access tokens: JWT, HS256 (RFC 7519, RFC 7518 section 3.2).</summary>
internal sealed class AccessTokens(byte[] secret, TimeSpan lifetime, TimeProvider clock)
{
    private const string Issuer = "mcpshield";
    private const string Audience = "mcpshield-api";

    private readonly SigningCredentials credentials = new(new SymmetricSecurityKey(secret), SecurityAlgorithms.HmacSha256);
    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };

    /// <summary>How long a token is good for.</summary>
    public TimeSpan Lifetime => lifetime;

    /// <summary>A token of <paramref name="session"/>, as of its last use: racing copies of one refresh get the same token.</summary>
    public string Issue(UserSession session, string email) => handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Audience,
        IssuedAt = session.LastUsedAt.UtcDateTime,
        NotBefore = session.LastUsedAt.UtcDateTime.AddSeconds(-5),
        Expires = session.LastUsedAt.UtcDateTime + lifetime,
        SigningCredentials = credentials,
        Claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["sub"] = session.UserId.ToString("D"),
            ["sid"] = session.Id.ToString("D"),
            ["email"] = email,
            ["user_id"] = session.UserId.ToString("D"),
        },
    });

    /// <summary>What <paramref name="token"/> says; <c>null</c> when it is none of ours or its time is over.</summary>
    public async Task<AccessClaims?> ReadAsync(string token)
    {
        // THREAT: `alg: none`, a public key as HMAC secret, a token for somebody else: one algorithm, one issuer, one audience.
        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = Audience,
            IssuerSigningKey = credentials.Key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (notBefore, expires, _, _) => notBefore <= clock.GetUtcNow().UtcDateTime && expires > clock.GetUtcNow().UtcDateTime,
        });
        return result.IsValid && Guid.TryParseExact(Text(result, "sub"), "D", out var user) && Guid.TryParseExact(Text(result, "sid"), "D", out var session) ? new(user, session) : null;
    }

    /// <summary>What is kept of a code: six digits would be guessed from a plain digest.</summary>
    public byte[] CodeDigest(string purpose, string email, string code) =>
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"code\n{purpose}\n{email}\n{code}")));

    private static string? Text(TokenValidationResult result, string claim) => result.Claims.TryGetValue(claim, out var value) ? value as string : null;
}
