using System.CommandLine;
using System.Text;
using McpShield.Gateway.Enforcement;
using McpShield.Policy.Evaluation;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy eval FILE --tool NAME …</c> and <c>… --requests CALLS.jsonl --json</c></summary>
internal static class PolicyEvalCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The policy, YAML." };
        var tool = new Option<string?>("--tool") { Description = "The qualified tool, for instance fs.read_file." };
        var arguments = new Option<string?>("--args") { Description = "The call's arguments, a JSON object; {} when absent." };
        var context = new Option<string?>("--context") { Description = "The context, a JSON object: principal, session, time, client_ip, environment. The time is now when absent." };
        var requests = new Option<string?>("--requests") { Description = "A file with one call a line (JSONL), or - for standard input; one answer a line comes out, in order." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new ExampledCommand("eval", "Ask a policy what it decides, and why. Exit code 1 when a single call is not allowed.", ["mcpshield policy eval policy.yaml --tool fs.read_file --args '{\"path\": \"/data/docs/a.md\"}'", "mcpshield policy eval policy.yaml --requests calls.jsonl --json"])
        {
            file, tool, arguments, context, requests, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var (one, many) = (parsed.GetValue(tool), parsed.GetValue(requests));
            if (one is null == many is null) throw new CommandException(ExitCodes.Usage, "name either --tool or --requests");
            if (many is not null && (parsed.GetValue(arguments) ?? parsed.GetValue(context)) is not null) throw new CommandException(ExitCodes.Usage, "--args and --context belong to --tool; with --requests each line brings its own");
            var policy = await PolicyFiles.LoadAsync(parsed.GetRequiredValue(file));
            return one is not null
                ? await EvaluateAsync(policy, one, parsed.GetValue(arguments), parsed.GetValue(context), parsed.GetValue(json))
                : await EvaluateAllAsync(policy, many!, ct);
        });
        return command;
    }

    private static async Task<int> EvaluateAsync(CompiledPolicy policy, string tool, string? arguments, string? context, bool json)
    {
        var decision = Decide(policy, tool, arguments ?? "{}", context);
        await Console.Out.WriteLineAsync(json ? DecisionText.ToJson(decision) : DecisionText.ToText(tool, decision));
        return decision.Outcome is Outcome.Allow ? ExitCodes.Done : ExitCodes.No;
    }

    private static Decision Decide(CompiledPolicy policy, string tool, string arguments, string? context)
    {
        var circumstances = CallContext.Empty;
        if (context is not null)
        {
            try
            {
                circumstances = CallText.ReadContext(context);
            }
            catch (CallFormatException invalid)
            {
                throw new CommandException(ExitCodes.Usage, $"--context: {invalid.Message}");
            }
        }

        if (circumstances.Time == default) circumstances = circumstances with { Time = TimeProvider.System.GetUtcNow() };
        return RequestLines.Decide(policy, new RateLimiter(), new CallText(tool, Encoding.UTF8.GetBytes(arguments), circumstances));
    }

    private static async Task<int> EvaluateAllAsync(CompiledPolicy policy, string requests, CancellationToken ct)
    {
        using var input = PolicyFiles.Open(requests);
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
        var limits = new RateLimiter(); // shared by all lines, by each line's own time
        while (await input.ReadLineAsync(ct) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            await output.WriteLineAsync(DecisionText.ToJson(RequestLines.Decide(policy, limits, line)));
        }

        return ExitCodes.Done;
    }
}
