using System.Text.Json.Serialization;
using McpShield.Contracts;

namespace McpShield.Web.Sessions;

/// <summary>Somebody signed in, and the tokens that say so to the API. It never leaves this side.</summary>
/// <param name="User">Who.</param>
/// <param name="AccessToken">Goes with every request to the API.</param>
/// <param name="AccessExpiresAt">Until when.</param>
/// <param name="RefreshToken">Gets the next pair, once.</param>
/// <param name="IsRemembered">Whether the person asked to be remembered.</param>
internal sealed record WebSession(UserResponse User, string AccessToken, DateTimeOffset AccessExpiresAt, string RefreshToken, bool IsRemembered)
{
    public static WebSession Of(TokenResponse tokens, bool isRemembered, DateTimeOffset now) => new(tokens.User, tokens.AccessToken, now.AddSeconds(tokens.ExpiresIn), tokens.RefreshToken, isRemembered);

    /// <summary>Without the tokens.</summary>
    public override string ToString() => nameof(WebSession);
}

[JsonSerializable(typeof(WebSession))]
internal sealed partial class WebSessionJson : JsonSerializerContext;
