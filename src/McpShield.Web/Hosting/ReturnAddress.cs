namespace McpShield.Web.Hosting;

/// <summary>Where a visitor wanted to go before they had to do something else.</summary>
internal static class ReturnAddress
{
    private const int MaxLength = 2_000;

    /// <summary>Where one goes who is signed in and had nothing else in mind.</summary>
    public const string Home = "/app";

    /// <summary>An address of this site, or <paramref name="otherwise"/>.</summary>
    // THREAT: a link to our sign-in page that leads somewhere else afterwards. `//host`, `/\host` and what holds control characters (which browsers drop) are other sites.
    public static string Of(string? text, string otherwise = Home) =>
        text is ['/', ..] and not ['/', '/' or '\\', ..] && text.Length <= MaxLength && !text.Any(static one => char.IsControl(one) || one == '\\') ? text : otherwise;

    /// <summary>The sign-in page that leads back to <paramref name="address"/>.</summary>
    public static string SignIn(string address) => $"/auth/sign-in?return={Uri.EscapeDataString(address)}";
}
