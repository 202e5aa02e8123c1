using System.Globalization;
using System.Net;

namespace McpShield.Web.Hosting;

/// <summary>The configuration of the web host, from environment variables. It knows no database. A wrong value stops the start and names the variable.</summary>
public sealed class WebSettings
{
    private const int TokenMinLength = 32;

    private WebSettings()
    {
    }

    /// <summary><c>ENVIRONMENT=production</c>: browsers are told to come over TLS only.</summary>
    public bool IsProduction { get; private init; }

    /// <summary><c>ENVIRONMENT=development</c>, the default.</summary>
    public bool IsDevelopment { get; private init; }

    /// <summary>What the outside calls the site.</summary>
    public Uri WebUrl { get; private init; } = new("http://localhost:3000");

    /// <summary>Where the API is (<c>API_INTERNAL_URL</c>, else <c>API_URL</c>); <c>null</c>: in this process.</summary>
    public Uri? ApiUrl { get; private init; }

    /// <summary>What the outside calls the API, to be shown to people; <c>null</c>: as <see cref="ApiUrl"/>.</summary>
    public Uri? PublicApiUrl { get; private init; }

    /// <summary>Shared by web and API: with it the API believes the visitor's address.</summary>
    public string WebApiToken { get; private init; } = "";

    /// <summary>How long a remembered session lives without use.</summary>
    public TimeSpan RememberedLifetime { get; private init; }

    /// <summary>Where sessions and keys are kept for all copies; <c>null</c>: sessions in memory, keys in the data directory.</summary>
    public WebRedis? Redis { get; private init; }

    /// <summary>Proxies that tell the visitor's address in <c>X-Forwarded-For</c>, beside those on this machine.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; private init; } = [];

    /// <summary>Whether the site is reached over TLS: cookies then say so.</summary>
    public bool IsSecure => !IsDevelopment || WebUrl.Scheme == Uri.UriSchemeHttps;

    /// <summary>The settings of <paramref name="variables"/>.</summary>
    /// <exception cref="WebStartFailedException">One of them is wrong; the message names it, never its value.</exception>
    public static WebSettings Read(IReadOnlyDictionary<string, string> variables)
    {
        var environment = Text(variables, "ENVIRONMENT")?.ToLowerInvariant() ?? "development";
        var settings = new WebSettings
        {
            IsProduction = environment == "production",
            IsDevelopment = environment == "development",
            WebUrl = Address(variables, "WEB_URL") ?? new("http://localhost:3000"),
            ApiUrl = Address(variables, "API_INTERNAL_URL") ?? Address(variables, "API_URL"),
            PublicApiUrl = Address(variables, "API_URL"),
            WebApiToken = Text(variables, "WEB_API_TOKEN") ?? throw Wrong("WEB_API_TOKEN", "the web and the API share it; use at least 32 characters, for instance of `openssl rand -base64 32`"),
            RememberedLifetime = TimeSpan.FromDays(Number(variables, "JWT_REFRESH_TOKEN_EXPIRE_DAYS", 30, 1, 365)),
            Redis = RedisOf(variables),
            TrustedProxies = ProxiesOf(variables),
        };
        if (environment is not ("development" or "staging" or "production")) throw Wrong("ENVIRONMENT", "expected is development or staging or production");
        if (settings.WebApiToken.Length < TokenMinLength) throw Wrong("WEB_API_TOKEN", "use at least 32 characters, for instance of `openssl rand -base64 32`");

        // Browsers drop a Secure cookie that comes over plain HTTP: signing in would lead back to signing in.
        if (settings.IsProduction && settings.WebUrl.Scheme != Uri.UriSchemeHttps && !settings.WebUrl.IsLoopback) throw Wrong("WEB_URL", "in production people reach the site over https");
        return settings;
    }

    private static WebRedis? RedisOf(IReadOnlyDictionary<string, string> variables) => Text(variables, "REDIS_HOST") is not { } host
        ? null
        : new(host, Number(variables, "REDIS_PORT", 6379, 1, 65_535), Number(variables, "REDIS_DB", 0, 0, 1_000), Text(variables, "REDIS_USER"), Text(variables, "REDIS_PASSWORD"));

    private static IPNetwork[] ProxiesOf(IReadOnlyDictionary<string, string> variables)
    {
        var proxies = new List<IPNetwork>();
        foreach (var text in (Text(variables, "TRUSTED_PROXIES") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(text, out var network)) proxies.Add(network);
            else if (IPAddress.TryParse(text, out var address)) proxies.Add(new(address, address.GetAddressBytes().Length * 8));
            else throw Wrong("TRUSTED_PROXIES", "list addresses or networks with commas between them, like `172.16.0.0/12`");
        }

        return [.. proxies];
    }

    private static string? Text(IReadOnlyDictionary<string, string> variables, string name) => variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private static int Number(IReadOnlyDictionary<string, string> variables, string name, int otherwise, int min, int max)
    {
        if (Text(variables, name) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Wrong(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max} is expected"));
    }

    private static Uri? Address(IReadOnlyDictionary<string, string> variables, string name)
    {
        if (Text(variables, name) is not { } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            ? url
            : throw Wrong(name, "an http or https address is expected, like `https://app.example.com`");
    }

    private static WebStartFailedException Wrong(string name, string why) => new($"{name} is not set right: {why}");
}

/// <summary>Where the web host's Redis is; it may be the API's, with a user of its own (<c>REDIS_USER</c>).</summary>
public sealed record WebRedis(string Host, int Port, int Database, string? User, string? Password)
{
    /// <summary>What every name there begins with: the API's begin with <c>mcpshield:</c>.</summary>
    internal const string Prefix = "mcpshield-web:";

    /// <summary>Without the password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
