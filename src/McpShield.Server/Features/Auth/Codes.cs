using System.Security.Cryptography;
using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Auth;

/// <summary>One-time codes: made, sent, tried.</summary>
internal sealed class Codes(EphemeralStores stores, AccessTokens tokens, ShieldSettings settings, TimeProvider clock)
{
    /// <summary>What every question for a code answers, and every registration.</summary>
    public const string Sent = "If this address can be used, a mail is on its way. Enter the code it holds.";

    /// <summary>Puts a new code in force and its mail into what the next <c>SaveChanges</c> writes.</summary>
    public async Task SendAsync(ShieldDb db, string email, string purpose, CancellationToken ct)
    {
        var code = RandomNumberGenerator.GetString("0123456789", settings.OtpLength);
        await stores.Codes.PutAsync(purpose, email, tokens.CodeDigest(purpose, email, code), settings.OtpLifetime, ct);
        Mails.Otp(db, email, purpose, code, settings.OtpLifetime, clock.GetUtcNow());
    }

    /// <summary>Whether it was the code; it is used up then.</summary>
    public async Task<bool> TryUseAsync(string email, string purpose, string code, CancellationToken ct) =>
        await stores.Codes.TryUseAsync(purpose, email, tokens.CodeDigest(purpose, email, code), ct) == CodeUse.Right;
}
