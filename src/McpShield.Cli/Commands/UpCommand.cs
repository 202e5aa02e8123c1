using System.CommandLine;
using System.Security.Cryptography;
using McpShield.Audit;
using McpShield.Server.Hosting;
using McpShield.Web.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield up</c></summary>
internal static class UpCommand
{
    private const string DefaultApiUrl = "http://localhost:8000";
    private const string DefaultWebUrl = "http://localhost:3000";

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = $"Where the embedded databases lie. Default: {DataDirectory.Variable}, else {DataDirectory.Default}." };
        var roles = new Option<string>("--roles") { Description = "What this process does, separated by commas: api, web, worker. Copies that share a database need PostgreSQL and Redis.", DefaultValueFactory = static _ => RoleList.Names };
        var apiUrl = new Option<string>("--api-url") { Description = "What the API and the gateway listen on.", DefaultValueFactory = static _ => DefaultApiUrl };
        var webUrl = new Option<string>("--web-url") { Description = "What the dashboard listens on.", DefaultValueFactory = static _ => DefaultWebUrl };
        var verbose = new Option<bool>("--verbose") { Description = "Say more on standard error." };
        var command = new ExampledCommand(
            "up",
            "Start the API, the gateway and the dashboard on embedded databases. The first start makes the project `demo` and shows its key once.",
            ["mcpshield up", "mcpshield up --data /var/lib/mcpshield --api-url http://localhost:8001", "DB_HOST=db REDIS_HOST=cache mcpshield up --roles api", "API_URL=http://api:8000 mcpshield up --roles web --web-url http://0.0.0.0:3000"]) { data, roles, apiUrl, webUrl, verbose };
        command.SetAction((parsed, ct) => RunAsync(
            new(DataDirectory.Choose(parsed.GetValue(data)), RoleList.Parse(parsed.GetRequiredValue(roles)), Address("--api-url", parsed.GetRequiredValue(apiUrl), DefaultApiUrl), Address("--web-url", parsed.GetRequiredValue(webUrl), DefaultWebUrl)),
            parsed.GetValue(verbose),
            ct));
        return command;
    }

    private static async Task<int> RunAsync(UpOptions up, bool verbose, CancellationToken ct)
    {
        using var loggers = Logs.Create(verbose ? LogLevel.Debug : LogLevel.Information);
        try
        {
            var variables = Variables(up);
            return up.IsServer ? await RunAllAsync(up, variables, loggers, ct) : await RunWebAsync(up, variables, loggers, ct);
        }
        catch (Exception failure) when (failure is StartFailedException or WebStartFailedException)
        {
            throw new CommandException(ExitCodes.Unreachable, failure.Message);
        }
        catch (Exception failure) when (failure is AuditUnavailableException or IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot start on `{up.Data}`: {failure.Message}");
        }
    }

    private static async Task<int> RunAllAsync(UpOptions up, Dictionary<string, string> variables, ILoggerFactory loggers, CancellationToken ct)
    {
        // Both read before either starts: a wrong setting leaves nothing half started.
        var settings = ShieldSettings.Read(variables);
        var site = up.Roles.HasFlag(Roles.Web) ? WebSettings.Read(variables) : null;
        var options = new ServerOptions(up.Data, up.ApiUrl, ProgramInfo.Version, TimeProvider.System, settings) { IsApi = up.Roles.HasFlag(Roles.Api), IsWorker = up.Roles.HasFlag(Roles.Worker) };
        await using var shield = await ShieldHost.StartAsync(options, loggers, ct);
        await using var web = site is null ? null : await WebHost.StartAsync(WebOptionsOf(up, site, options.IsApi ? shield.Url : null), loggers, ct);
        await Console.Out.WriteAsync(options.IsApi ? Greeting.Text(shield.Url, web is null ? null : OutsideOf(settings.WebUrl, web), settings, up.Data, shield.First) : Greeting.OfWorker(up.Data));
        await shield.WaitForShutdownAsync(ct);
        return ExitCodes.Done;
    }

    private static async Task<int> RunWebAsync(UpOptions up, Dictionary<string, string> variables, ILoggerFactory loggers, CancellationToken ct)
    {
        var settings = WebSettings.Read(variables);
        var options = WebOptionsOf(up, settings, embedded: null);
        await using var web = await WebHost.StartAsync(options, loggers, ct);
        await Console.Out.WriteAsync(Greeting.OfWeb(OutsideOf(settings.WebUrl, web), options.ApiUrl));
        await web.WaitForShutdownAsync(ct);
        return ExitCodes.Done;
    }

    private static WebOptions WebOptionsOf(UpOptions up, WebSettings settings, Uri? embedded) => new(
        up.Data,
        up.WebUrl,
        embedded ?? settings.ApiUrl ?? throw new WebStartFailedException("API_URL is not set right: it is needed where the dashboard runs apart from the API, like `http://api:8000`"),
        ProgramInfo.Version,
        TimeProvider.System,
        settings);

    // A port that was left to chance is known only now.
    private static Uri OutsideOf(Uri told, WebHost web) => told.Port == 0 ? web.Url : told;

    private static Uri Address(string option, string text, string example) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && url.PathAndQuery == "/" && url.UserInfo.Length == 0
            ? url
            : throw new CommandException(ExitCodes.Usage, $"{option} `{text}` is not an address to listen on; write it like {example} (put TLS in front of it)");

    private static Dictionary<string, string> Variables(UpOptions up)
    {
        var variables = EnvironmentVariables.All();

        // Where nobody says what the outside calls the dashboard, it is what it listens on.
        if (up.Roles.HasFlag(Roles.Web) && variables.GetValueOrDefault("WEB_URL") is null or "") variables["WEB_URL"] = up.WebUrl.GetLeftPart(UriPartial.Authority);

        // The dashboard proves itself to the API of its own process with a secret that nobody has to know.
        if (up.Roles.HasFlag(Roles.Web | Roles.Api) && variables.GetValueOrDefault("WEB_API_TOKEN") is null or "") variables["WEB_API_TOKEN"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return variables;
    }

    private sealed record UpOptions(string Data, Roles Roles, Uri ApiUrl, Uri WebUrl)
    {
        public bool IsServer => (Roles & (Roles.Api | Roles.Worker)) is not Roles.None;
    }
}
