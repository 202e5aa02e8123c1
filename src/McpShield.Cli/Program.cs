using System.CommandLine;
using McpShield.Cli.Commands;

namespace McpShield.Cli;

/// <summary>The program <c>mcpshield</c>: one command, one file in Commands/.</summary>
internal static class Program
{
    // Requests under way get ten seconds and the background work five, before the audit log is sealed: a process that is cut off in between says so in no log.
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(20);

    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("MCPShield: every tool call of an AI agent decided by a policy, and on record before it happens.")
        {
            UpCommand.Create(),
            RunCommand.Create(),
            LoginCommand.Create(), LogoutCommand.Create(), WhoamiCommand.Create(),
            new Command("policy", "Write policies, check them, and ask them.")
            {
                PolicyInitCommand.Create(), PolicyValidateCommand.Create(), PolicyEvalCommand.Create(), PolicyTestCommand.Create(),
                PolicyMutateCommand.Create(), PolicyDiffCommand.Create(), PolicyLintCommand.Create(), PolicyFmtCommand.Create(), PolicyRedactCommand.Create(), PolicySchemaCommand.Create(),
            },
            new Command("audits", "Read the audit log.") { AuditsListCommand.Create(), AuditsTailCommand.Create(), AuditsExportCommand.Create(), AuditsVerifyCommand.Create() },
            ProjectsCommand.Create(),
            KeysCommand.Create(),
            new Command("admin", "For whoever runs the server: on its own database, also while `up` runs. Each act is on record.") { AdminUsersCommand.Create(), AdminPlansCommand.CreatePlan(), AdminPlansCommand.CreatePlans(), AdminKeysCommand.Create() },
            UsageCommand.Create(),
        };

        HelpWithExamples.Install(root);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // A word that fits nothing is the reason; that a command is then missing is its echo.
            var errors = parsed.UnmatchedTokens.Count > 0 ? parsed.Errors.Where(static error => !error.Message.StartsWith("Required command", StringComparison.Ordinal)) : parsed.Errors;
            foreach (var error in errors) await Console.Error.WriteLineAsync($"mcpshield: {error.Message}");
            await Console.Error.WriteLineAsync($"See `mcpshield {string.Join(' ', parsed.CommandResult.Path())} --help`.".Replace("mcpshield  ", "mcpshield ", StringComparison.Ordinal));
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = EndsWithin });
        }
        catch (CommandException failure)
        {
            await Console.Error.WriteLineAsync($"mcpshield: {failure.Message}");
            return failure.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Done;
        }
    }
}
