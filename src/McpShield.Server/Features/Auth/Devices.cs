using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpShield.Server.Features.Auth;

/// <summary>Sign-ins that a person confirms elsewhere (RFC 8628): the program keeps a long code, the person types a short one.</summary>
/// <remarks>
/// Behind the long code stands the short one, behind the short one who asked and who has confirmed. So whoever sees the short code on a screen cannot
/// get the tokens, and the store holds neither.
/// </remarks>
internal static class Devices
{
    /// <summary>The purpose of the program's tickets.</summary>
    public const string DeviceTicket = "device";

    /// <summary>The purpose of the person's tickets.</summary>
    public const string UserTicket = "device-user";

    /// <summary>Seconds between two questions of the program.</summary>
    public const int IntervalSeconds = 2;

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    // No vowels, so that no words come about, and nothing that looks like something else (RFC 8628 section 6.1).
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Half = 4;

    /// <summary>A new short code, as it is kept.</summary>
    public static string NewCode() => RandomNumberGenerator.GetString(Letters, 2 * Half);

    /// <summary>As it is shown.</summary>
    public static string Shown(string code) => $"{code[..Half]}-{code[Half..]}";

    /// <summary>As it is kept, from what a person typed.</summary>
    public static string Typed(string text) => string.Concat(text.ToUpperInvariant().Where(char.IsAsciiLetterUpper));

    public static byte[] Write(DeviceState state) => JsonSerializer.SerializeToUtf8Bytes(state, DeviceJson.Default.DeviceState);

    public static DeviceState Read(byte[] state) => JsonSerializer.Deserialize(state, DeviceJson.Default.DeviceState)!;
}

/// <summary>Who asked, and who has confirmed.</summary>
internal sealed record DeviceState(string? Ip, string? UserAgent, DateTimeOffset RequestedAt, Guid? ConfirmedBy);

[JsonSerializable(typeof(DeviceState))]
internal sealed partial class DeviceJson : JsonSerializerContext;
