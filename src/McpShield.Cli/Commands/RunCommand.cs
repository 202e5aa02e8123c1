using System.CommandLine;
using System.CommandLine.Parsing;
using McpShield.Audit;
using McpShield.Cli.Run;
using McpShield.Gateway;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Evaluation;
using Microsoft.Extensions.Logging;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield run</c>: everything local, neither database nor web server.</summary>
internal static class RunCommand
{
    private const string KeyVariable = "MCPSHIELD_KEY";
    private static readonly TimeSpan TrialPatience = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var policy = new Option<string?>("--policy") { Description = "The policy, YAML." };
        var server = new Option<string?>("--server") { Description = "A name for the server whose command follows after --." };
        var config = new Option<string?>("--config") { Description = "A file with policy, servers and audit, instead of --policy and --server." };
        var audit = new Option<string?>("--audit") { Description = "The audit file (JSONL). Default: a file of its own under the user's data directory." };
        var verbose = new Option<bool>("--verbose") { Description = "Say more on standard error, what the servers say there among it." };
        var words = new Argument<string[]>("CMD") { Description = "The server's command and its arguments, after --.", Arity = ArgumentArity.ZeroOrMore };
        var command = new ExampledCommand("run", "An MCP server on standard input and output, in front of one or more MCP servers.", ["mcpshield run --policy policy.yaml --server fs -- npx -y @modelcontextprotocol/server-filesystem /data", "mcpshield run --config gateway.yaml"])
        {
            policy, server, config, audit, verbose, words,
        };
        command.SetAction((parsed, ct) =>
        {
            RequireDashes(parsed, parsed.GetValue(words) ?? []);
            var settings = Settings(parsed.GetValue(policy), parsed.GetValue(server), parsed.GetValue(words) ?? [], parsed.GetValue(config), parsed.GetValue(audit));
            return RunAsync(settings, parsed.GetValue(verbose), ct);
        });
        return command;
    }

    // A mistyped option must not become the program that is started.
    private static void RequireDashes(ParseResult parsed, string[] words)
    {
        var behind = parsed.Tokens.SkipWhile(static token => token.Type is not TokenType.DoubleDash).Count() - 1;
        if (words.Length > Math.Max(behind, 0)) throw new CommandException(ExitCodes.Usage, $"`{words[0]}` is not an option of run; the server's command stands after --");
    }

    private static RunSettings Settings(string? policy, string? server, string[] command, string? config, string? audit)
    {
        if (config is not null)
        {
            if (policy is not null || server is not null || command.Length > 0) throw new CommandException(ExitCodes.Usage, "--config stands for --policy, --server and the command; give one or the other");
            var read = ConfigFile.Read(config);
            return audit is null ? read : read with { Audit = audit };
        }

        if (policy is null) throw new CommandException(ExitCodes.Usage, "a policy is needed: --policy FILE, or --config FILE");
        if (server is null || command.Length == 0) throw new CommandException(ExitCodes.Usage, "a server is needed: --server NAME -- COMMAND ARGUMENTS…, or --config FILE");
        if (UpstreamNames.Problem(server) is { } problem) throw new CommandException(ExitCodes.Usage, problem);
        return new(policy, [new StdioServerSpec(server, command[0], command[1..], new Dictionary<string, string>(), null)], audit);
    }

    private static async Task<int> RunAsync(RunSettings settings, bool verbose, CancellationToken ct)
    {
        var principal = Principal();
        var policy = await PolicyFiles.LoadAsync(settings.Policy);
        using var loggers = Logs.Create(verbose ? LogLevel.Debug : LogLevel.Warning);
        var clock = TimeProvider.System;
        var auditFile = settings.Audit ?? LocalState.AuditFile(clock);
        await using var audit = await OpenAuditAsync(auditFile, clock, ct);
        await Console.Error.WriteLineAsync($"mcpshield: {policy.RuleCount} {(policy.RuleCount == 1 ? "rule" : "rules")} from {settings.Policy}; decisions are recorded in {auditFile}");

        var services = new GatewayServices(audit, clock, loggers, ProgramInfo.Version, UpstreamLimits.Default);
        await using var project = new GatewayProject(new(Guid.Empty, Guid.Empty, "local", Environment: null), policy, settings.Servers, services);
        using var front = new StdioFront(new(principal, project, "stdio", ClientIp: null), Console.OpenStandardOutput(), loggers);

        // The agent is answered while the servers start: a package runner may take its time.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var connecting = project.ConnectAsync(ending.Token);
        var serving = front.RunAsync(Console.OpenStandardInput(), ending.Token);
        // Input that has ended already is a trial start: it, too, should hear that a server is missing.
        if (await Task.WhenAny(connecting, serving) == serving) await Task.WhenAny(connecting, Task.Delay(TrialPatience, clock, ct));
        if (connecting.IsCompletedSuccessfully && await SayFailuresAsync(await connecting, settings.Servers.Count))
        {
            await ending.CancelAsync();
            await serving;
            return ExitCodes.Unreachable;
        }

        await serving;
        return ExitCodes.Done;
    }

    /// <summary>Says which servers are missing; true when none is there.</summary>
    private static async Task<bool> SayFailuresAsync(IReadOnlyList<(string Name, UpstreamException Failure)> failures, int servers)
    {
        foreach (var (name, failure) in failures) await Console.Error.WriteLineAsync($"mcpshield: server `{name}` is not available: {failure.Message}");
        return failures.Count == servers;
    }

    // A key of the control plane names the agent on record; alone it opens nothing here.
    private static Principal Principal()
    {
        if (Environment.GetEnvironmentVariable(KeyVariable) is not { Length: > 0 } key) return new() { Agent = "local" };
        if (!key.StartsWith("mcps_", StringComparison.Ordinal) || key.Length is < 20 or > 128) throw new CommandException(ExitCodes.Usage, $"{KeyVariable} does not hold an MCPShield key (mcps_…)");
        return new() { Agent = "local", Key = key[..12] };
    }

    private static async Task<AuditLog> OpenAuditAsync(string file, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            var key = AuditSigningKey.LoadOrCreate(LocalState.AuditKey);
            return await AuditLog.OpenAsync(FileAuditStore.Open(file, clock), key, new(Environment.MachineName, Environment.ProcessId, ProgramInfo.Version), AuditLogOptions.Default, clock, ct);
        }
        catch (Exception failure) when (failure is AuditUnavailableException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, failure is AuditUnavailableException ? failure.Message : $"cannot write the audit log: {failure.Message}");
        }
    }
}
