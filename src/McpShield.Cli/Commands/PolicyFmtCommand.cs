using System.CommandLine;
using System.Text;
using McpShield.Policy.Language.Formatting;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy fmt FILE… [--check] [--stdout]</c></summary>
internal static class PolicyFmtCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Policies, YAML; - reads standard input and writes standard output.", Arity = ArgumentArity.OneOrMore };
        var check = new Option<bool>("--check") { Description = "Change nothing; name the files that would change. Exit code 1 when there is one." };
        var stdout = new Option<bool>("--stdout") { Description = "Write the result to standard output instead of the file." };
        var command = new ExampledCommand("fmt", "Put policies into their one layout. Comments stay, and what a policy says does not change.",
            ["mcpshield policy fmt policy.yaml", "mcpshield policy fmt --check policies/*.yaml", "mcpshield policy fmt - < policy.yaml"])
        {
            files, check, stdout,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var (names, isCheck, isStdout) = (parsed.GetRequiredValue(files), parsed.GetValue(check), parsed.GetValue(stdout));
            if (isCheck && isStdout) throw new CommandException(ExitCodes.Usage, "name either --check or --stdout");
            if (isStdout && names.Length > 1) throw new CommandException(ExitCodes.Usage, "--stdout takes one file");
            var exitCode = ExitCodes.Done;
            foreach (var name in names) exitCode = Math.Max(exitCode, await FormatAsync(name, isCheck, isStdout, ct));
            return exitCode;
        });
        return command;
    }

    private static async Task<int> FormatAsync(string name, bool isCheck, bool isStdout, CancellationToken ct)
    {
        var isInput = name == StandardInput;
        var text = isInput ? await ReadInputAsync(ct) : PolicyFiles.Read(name);
        var formatted = PolicyFormatter.Format(text);
        if (formatted.Text is null)
        {
            foreach (var diagnostic in formatted.Diagnostics) await Console.Error.WriteLineAsync(PolicyFiles.Show(name, diagnostic));
            return ExitCodes.No;
        }

        if (isCheck)
        {
            if (formatted.Text == text) return ExitCodes.Done;
            await Console.Out.WriteLineAsync(name);
            return ExitCodes.No;
        }

        if (isInput || isStdout) await Console.Out.WriteAsync(formatted.Text.AsMemory(), ct);
        else if (formatted.Text != text) await ReplaceAsync(name, formatted.Text);
        return ExitCodes.Done;
    }

    private static async Task<string> ReadInputAsync(CancellationToken ct)
    {
        try
        {
            using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false, throwOnInvalidBytes: true));
            return await input.ReadToEndAsync(ct);
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException(ExitCodes.No, "standard input: not UTF-8 text");
        }
    }

    private static async Task ReplaceAsync(string name, string text)
    {
        try
        {
            AtomicFile.Replace(name, text);
            await Console.Error.WriteLineAsync($"{name}: formatted");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot write `{name}`: {failure.Message}");
        }
    }
}
