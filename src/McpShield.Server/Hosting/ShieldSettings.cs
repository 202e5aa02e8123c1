using System.Globalization;
using System.Text;
using McpShield.Data.Ephemeral;
using Npgsql;

namespace McpShield.Server.Hosting;

/// <summary>The configuration, from environment variables; what is not set has its embedded default. A wrong value stops the start and names the variable.</summary>
public sealed class ShieldSettings
{
    private const int SecretMinBytes = 32;

    private ShieldSettings()
    {
    }

    /// <summary><c>ENVIRONMENT=production</c>: secrets must be given, mails must go somewhere, cookies are Secure.</summary>
    public bool IsProduction { get; private init; }

    /// <summary><c>ENVIRONMENT=development</c>, the default: cookies travel over plain HTTP, and mails that cannot be sent are shown.</summary>
    public bool IsDevelopment { get; private init; }

    /// <summary>The PostgreSQL server (<c>DB_HOST</c> …); <c>null</c>: a SQLite file in the data directory.</summary>
    public string? Postgres { get; private init; }

    /// <summary>The Redis server (<c>REDIS_HOST</c> …); <c>null</c>: memory of this process.</summary>
    public RedisOptions? Redis { get; private init; }

    /// <summary>Signs access tokens (<c>JWT_SECRET</c>); <c>null</c>: made once and kept in the data directory.</summary>
    public byte[]? JwtSecret { get; private init; }

    /// <summary>How long an access token is good for.</summary>
    public TimeSpan AccessTokenLifetime { get; private init; }

    /// <summary>How long a remembered session lives without use.</summary>
    public TimeSpan RefreshTokenLifetime { get; private init; }

    /// <summary>Where mails go (<c>SMTP_HOST</c> …); <c>null</c>: they stay in the outbox.</summary>
    public SmtpSettings? Smtp { get; private init; }

    /// <summary>What the outside calls the API; <c>null</c>: what it listens on.</summary>
    public Uri? ApiUrl { get; private init; }

    /// <summary>What the outside calls the dashboard: links in mails lead there.</summary>
    public Uri WebUrl { get; private init; } = new("http://localhost:3000");

    /// <summary>Origins of web pages that may call the API.</summary>
    public IReadOnlyList<string> CorsOrigins { get; private init; } = [];

    public int OtpLength { get; private init; }

    public TimeSpan OtpLifetime { get; private init; }

    public int OtpMaxTries { get; private init; }

    public int OtpRequests { get; private init; }

    public TimeSpan OtpWindow { get; private init; }

    public int LoginTries { get; private init; }

    public TimeSpan LoginWindow { get; private init; }

    /// <summary>Shared by web and API: whoever sends it is believed about the visitor's address.</summary>
    public string? WebApiToken { get; private init; }

    /// <summary>Encrypts what must be kept and used again (<c>MCPSHIELD_DATA_KEY</c>, base64, 256 bits; older keys after a comma); <c>null</c>: made once and kept in the data directory.</summary>
    public string? DataKeys { get; private init; }

    /// <summary>Whether answers wait for the audit log's disk (<c>AUDIT_MODE=strict</c>).</summary>
    public bool IsAuditStrict { get; private init; } = true;

    /// <summary>Takes payments; <c>null</c>: the operator does, by hand.</summary>
    public StripeSettings? Stripe { get; private init; }

    /// <summary>The settings of <paramref name="variables"/>.</summary>
    /// <exception cref="StartFailedException">One of them is wrong; the message names it, never its value.</exception>
    public static ShieldSettings Read(IReadOnlyDictionary<string, string> variables)
    {
        var read = new Variables(variables);
        var environment = read.Choice("ENVIRONMENT", "development", "staging", "production");
        var isProduction = environment == "production";
        var settings = new ShieldSettings
        {
            IsProduction = isProduction,
            IsDevelopment = environment == "development",
            Postgres = PostgresOf(read),
            Redis = RedisOf(read),
            JwtSecret = SecretOf(read, isProduction),
            AccessTokenLifetime = TimeSpan.FromMinutes(read.Number("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", 15, 1, 1_440)),
            RefreshTokenLifetime = TimeSpan.FromDays(read.Number("JWT_REFRESH_TOKEN_EXPIRE_DAYS", 30, 1, 365)),
            Smtp = SmtpSettings.Of(read),
            ApiUrl = read.Address("API_URL"),
            WebUrl = read.Address("WEB_URL") ?? new("http://localhost:3000"),
            CorsOrigins = OriginsOf(read),
            OtpLength = read.Number("OTP_LENGTH", 6, 6, 10),
            OtpLifetime = TimeSpan.FromMinutes(read.Number("OTP_EXPIRE_MINUTES", 10, 1, 60)),
            OtpMaxTries = read.Number("OTP_MAX_ATTEMPTS", 5, 1, 10),
            OtpRequests = read.Number("OTP_RATE_LIMIT_REQUESTS", 3, 1, 100),
            OtpWindow = TimeSpan.FromMinutes(read.Number("OTP_RATE_LIMIT_WINDOW_MINUTES", 5, 1, 1_440)),
            LoginTries = read.Number("LOGIN_RATE_LIMIT_ATTEMPTS", 5, 1, 1_000),
            LoginWindow = TimeSpan.FromMinutes(read.Number("LOGIN_RATE_LIMIT_WINDOW_MINUTES", 15, 1, 1_440)),
            WebApiToken = read.Text("WEB_API_TOKEN"),
            DataKeys = read.Text("MCPSHIELD_DATA_KEY"),
            IsAuditStrict = read.Choice("AUDIT_MODE", "strict", "async") == "strict",
            Stripe = StripeSettings.Of(read),
        };
        if (read.Choice("JWT_ALGORITHM", "HS256") != "HS256") throw Variables.Wrong("JWT_ALGORITHM", "only HS256 is spoken");
        if (settings.WebApiToken is { Length: < SecretMinBytes }) throw Variables.Wrong("WEB_API_TOKEN", "use at least 32 characters, for instance of `openssl rand -base64 32`");
        if (isProduction && settings.DataKeys is null) throw Variables.Wrong("MCPSHIELD_DATA_KEY", "production needs it: 32 bytes in base64, for instance of `openssl rand -base64 32`");
        return settings;
    }

    /// <summary>What of it concerns sessions and codes.</summary>
    internal EphemeralLimits Ephemeral => new() { RememberedLifetime = RefreshTokenLifetime, CodeTries = OtpMaxTries };

    private static string? PostgresOf(Variables read)
    {
        if (read.Text("DB_HOST") is not { } host) return null;
        return new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Port = read.Number("DB_PORT", 5432, 1, 65_535),
            Database = read.Text("DB_NAME") ?? "mcpshield_db",
            Username = read.Text("DB_USER") ?? "mcpshield",
            Password = read.Text("DB_PASSWORD"),
            ApplicationName = "mcpshield",
            MaxPoolSize = read.Number("DB_POOL_SIZE", 50, 2, 1_000),
            IncludeErrorDetail = false, // it would carry values of rows into logs
        }.ConnectionString;
    }

    private static RedisOptions? RedisOf(Variables read) => read.Text("REDIS_HOST") is not { } host ? null : new()
    {
        Host = host,
        Port = read.Number("REDIS_PORT", 6379, 1, 65_535),
        Database = read.Number("REDIS_DB", 0, 0, 1_000),
        Password = read.Text("REDIS_PASSWORD"),
    };

    private static byte[]? SecretOf(Variables read, bool isProduction)
    {
        if (read.Text("JWT_SECRET") is not { } secret) return isProduction ? throw Variables.Wrong("JWT_SECRET", "production needs it: at least 256 bits, for instance of `openssl rand -base64 48`") : null;
        var bytes = Encoding.UTF8.GetBytes(secret);
        return bytes.Length >= SecretMinBytes ? bytes : throw Variables.Wrong("JWT_SECRET", "use at least 32 bytes (256 bits), for instance of `openssl rand -base64 48`");
    }

    private static string[] OriginsOf(Variables read)
    {
        var origins = read.Text("CORS_ORIGINS")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? ["http://localhost:3000", "https://mcpshield.xyz", "https://app.mcpshield.xyz", "https://www.mcpshield.xyz"];
        foreach (var origin in origins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var url) || url.GetLeftPart(UriPartial.Authority) != origin || url.Scheme is not ("http" or "https"))
            {
                throw Variables.Wrong("CORS_ORIGINS", "list origins with commas between them, each like `https://app.example.com`");
            }
        }

        return origins;
    }
}

/// <summary>How mails are sent.</summary>
public sealed record SmtpSettings(string Host, int Port, bool UsesStartTls, string? UserName, string? Password, string FromName, string FromEmail)
{
    internal static SmtpSettings? Of(Variables read) => read.Text("SMTP_HOST") is not { } host ? null : new(
        host,
        read.Number("SMTP_PORT", 587, 1, 65_535),
        read.Choice("SMTP_USE_STARTTLS", "true", "false") == "true",
        read.Text("SMTP_USERNAME"),
        read.Text("SMTP_PASSWORD"),
        read.Text("SMTP_FROM_NAME") ?? "MCPShield",
        read.Text("SMTP_FROM_EMAIL") ?? throw Variables.Wrong("SMTP_FROM_EMAIL", "it is needed where SMTP_HOST is set: the address that mails come from"));

    /// <summary>Without the password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}

/// <summary>How payments are taken through Stripe.</summary>
/// <param name="SecretKey">The API's key.</param>
/// <param name="WebhookSecret">Signs what Stripe tells us.</param>
/// <param name="ApiBase">Another address than Stripe's own, for tests; <c>null</c>: Stripe's.</param>
public sealed record StripeSettings(string SecretKey, string WebhookSecret, string? ApiBase)
{
    private const string PricePrefix = "STRIPE_PRICE_";

    /// <summary>Stripe's price for a plan and interval (<c>STRIPE_PRICE_PRO_MONTH</c> …), by <c>pro month</c>.</summary>
    public IReadOnlyDictionary<string, string> Prices { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal static StripeSettings? Of(Variables read)
    {
        var provider = read.Choice("BILLING_PROVIDER", "manual", "stripe");
        if (provider == "manual") return null;
        return new(
            read.Text("STRIPE_SECRET_KEY") ?? throw Variables.Wrong("STRIPE_SECRET_KEY", "it is needed where BILLING_PROVIDER is stripe"),
            read.Text("STRIPE_WEBHOOK_SECRET") ?? throw Variables.Wrong("STRIPE_WEBHOOK_SECRET", "it is needed where BILLING_PROVIDER is stripe"),
            read.Address("STRIPE_API_BASE")?.ToString().TrimEnd('/'))
        {
            Prices = PricesOf(read),
        };
    }

    private static Dictionary<string, string> PricesOf(Variables read)
    {
        var prices = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in read.NamesFrom(PricePrefix))
        {
            var at = name.LastIndexOf('_');
            if (at <= PricePrefix.Length || name[(at + 1)..] is not ("MONTH" or "YEAR")) throw Variables.Wrong(name, "it is named for a plan and an interval, like STRIPE_PRICE_PRO_MONTH or STRIPE_PRICE_PRO_YEAR");
            if (!prices.ContainsValue(read.Text(name)!)) prices[$"{name[PricePrefix.Length..at].ToLowerInvariant()} {name[(at + 1)..].ToLowerInvariant()}"] = read.Text(name)!;
            else throw Variables.Wrong(name, "another plan or interval has the same price");
        }

        return prices;
    }

    /// <summary>Without its secrets.</summary>
    public override string ToString() => "stripe";
}

/// <summary>Environment variables, read strictly. Set to nothing is not set.</summary>
internal sealed class Variables(IReadOnlyDictionary<string, string> values)
{
    public string? Text(string name) => values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The names of what is set and begins with <paramref name="prefix"/>, in order.</summary>
    public IReadOnlyList<string> NamesFrom(string prefix) => [.. values.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && Text(name) is not null).Order(StringComparer.Ordinal)];

    public int Number(string name, int otherwise, int min, int max)
    {
        if (Text(name) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Wrong(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max} is expected"));
    }

    /// <summary>One of <paramref name="words"/>; the first when nothing is set.</summary>
    public string Choice(string name, params string[] words)
    {
        var text = Text(name)?.ToLowerInvariant() ?? words[0].ToLowerInvariant();
        return Array.Find(words, word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase)) ?? throw Wrong(name, $"expected is {string.Join(" or ", words)}");
    }

    public Uri? Address(string name)
    {
        if (Text(name) is not { } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            ? url
            : throw Wrong(name, "an http or https address is expected, like `https://api.example.com`");
    }

    public static StartFailedException Wrong(string name, string why) => new($"{name} is not set right: {why}");
}
