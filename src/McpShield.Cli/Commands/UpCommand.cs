using System.CommandLine;
using McpShield.Audit;
using McpShield.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield up</c></summary>
internal static class UpCommand
{
    private const string DefaultApiUrl = "http://localhost:8000";

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = $"Where the embedded databases lie. Default: {DataDirectory.Variable}, else {DataDirectory.Default}." };
        var roles = new Option<string>("--roles") { Description = "What this process does, separated by commas: api, web, worker. Copies that share a database need PostgreSQL and Redis.", DefaultValueFactory = static _ => RoleList.Names };
        var apiUrl = new Option<string>("--api-url") { Description = "What to listen on.", DefaultValueFactory = static _ => DefaultApiUrl };
        var verbose = new Option<bool>("--verbose") { Description = "Say more on standard error." };
        var command = new ExampledCommand("up", "Start the API and the gateway on embedded databases. The first start makes the project `demo` and shows its key once.", ["mcpshield up", "mcpshield up --data /var/lib/mcpshield --api-url http://localhost:8001", "DB_HOST=db REDIS_HOST=cache mcpshield up --roles api"]) { data, roles, apiUrl, verbose };
        command.SetAction((parsed, ct) => RunAsync(DataDirectory.Choose(parsed.GetValue(data)), RoleList.Parse(parsed.GetRequiredValue(roles)), Address(parsed.GetRequiredValue(apiUrl)), parsed.GetValue(verbose), ct));
        return command;
    }

    private static async Task<int> RunAsync(string data, Roles roles, Uri apiUrl, bool verbose, CancellationToken ct)
    {
        if (roles is Roles.Web) throw new CommandException(ExitCodes.Usage, "--roles web: this build has no dashboard yet");
        using var loggers = Logs.Create(verbose ? LogLevel.Debug : LogLevel.Information);
        try
        {
            var options = new ServerOptions(data, apiUrl, ProgramInfo.Version, TimeProvider.System, ShieldSettings.Read(Variables())) { IsApi = roles.HasFlag(Roles.Api), IsWorker = roles.HasFlag(Roles.Worker) };
            await using var shield = await ShieldHost.StartAsync(options, loggers, ct);
            await Console.Out.WriteAsync(options.IsApi ? Greeting.Text(shield.Url, options.Settings, data, shield.First) : Greeting.OfWorker(data));
            await shield.WaitForShutdownAsync(ct);
            return ExitCodes.Done;
        }
        catch (StartFailedException failure)
        {
            throw new CommandException(ExitCodes.Unreachable, failure.Message);
        }
        catch (Exception failure) when (failure is AuditUnavailableException or IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot start on `{data}`: {failure.Message}");
        }
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && url.PathAndQuery == "/" && url.UserInfo.Length == 0
            ? url
            : throw new CommandException(ExitCodes.Usage, $"--api-url `{text}` is not an address to listen on; write it like {DefaultApiUrl} (put TLS in front of it)");

    private static Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables()) variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}
