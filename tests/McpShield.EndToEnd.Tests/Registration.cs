using System.Text.RegularExpressions;
using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.EndToEnd.Tests;

/// <summary>Accounts, as anybody gets one: with a code from the outbox of development.</summary>
internal static partial class Registration
{
    public const string Password = "correct horse battery";

    /// <summary>An address that nobody else has.</summary>
    public static string NewEmail() => $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";

    /// <summary>Makes an account and confirms it; its address.</summary>
    public static async Task<string> RegisterAsync(ShieldClient visitor, CancellationToken ct)
    {
        var email = NewEmail();
        await visitor.Auth.RegisterAsync(new(email, Password, "Ada", "Lovelace"), ct);
        await visitor.Auth.VerifyOtpAsync(new(email, await CodeAsync(visitor, email, ct), OtpPurposes.VerifyEmail), ct);
        return email;
    }

    /// <summary>The code of the newest mail.</summary>
    public static async Task<string> CodeAsync(ShieldClient visitor, string email, CancellationToken ct) => Digits().Match((await visitor.Outbox.ListAsync(ct, email)).Items[0].Text).Value;

    [GeneratedRegex(@"\b\d{6}\b", RegexOptions.None, 1000)]
    private static partial Regex Digits();
}
