using System.CommandLine;
using System.Net;
using McpShield.Cli.Api;
using McpShield.Contracts.Client;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield logout [--api URL]</c></summary>
internal static class LogoutCommand
{
    public static Command Create()
    {
        var api = ApiSession.UrlOption();
        var command = new ExampledCommand("logout", "End the session, here and on the control plane.", ["mcpshield logout", "mcpshield logout --api https://api.example.com"]) { api };
        command.SetAction(async (parsed, ct) =>
        {
            using var session = ApiSession.Open(parsed.GetValue(api));
            try
            {
                await session.Api.Auth.LogoutAsync(ct);
            }
            catch (ShieldProblem problem) when (problem.Status == HttpStatusCode.Unauthorized)
            {
                // It was over already.
            }
            catch (Exception failure) when (failure is HttpRequestException or ShieldProblem)
            {
                Credentials.Forget(session.Url);
                throw new CommandException(ExitCodes.Unreachable, $"forgotten here, but {session.Url} could not be told ({failure.Message}): end the session in the dashboard");
            }

            Credentials.Forget(session.Url);
            await Console.Error.WriteLineAsync($"Signed out of {session.Url}.");
            return ExitCodes.Done;
        });
        return command;
    }
}
