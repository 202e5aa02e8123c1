using System.Collections.Frozen;
using System.Text;
using McpShield.Data.Secrets;

namespace McpShield.Server.Features.Auth;

/// <summary>Which passwords are taken: long ones that nobody guesses first. No rules about kinds of characters (NIST SP 800-63B section 3.1.1.2).</summary>
internal static class PasswordRules
{
    private const int MinLength = 10;
    private const int MaxLength = 128;
    private const int MinDistinct = 4;

    private static readonly FrozenSet<string> Common = ReadCommon();

    /// <summary>What is wrong with it, as a sentence about the field; <c>null</c>: nothing.</summary>
    public static string? Problem(string password, string email)
    {
        if (password.Length is < MinLength or > MaxLength || Encoding.UTF8.GetByteCount(password) > Passwords.MaxBytes) return $"must be {MinLength} to {MaxLength} characters";
        if (password.Equals(email, StringComparison.OrdinalIgnoreCase) || password.Equals(email.Split('@')[0], StringComparison.OrdinalIgnoreCase)) return "must not be the e-mail address";
        if (password.Distinct().Count() < MinDistinct || Common.Contains(password.ToLowerInvariant())) return "is one of the first that anybody would guess; choose another";
        return null;
    }

    private static FrozenSet<string> ReadCommon()
    {
        using var stream = typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords.txt") ?? throw new InvalidOperationException("the list of common passwords is not in the assembly");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
