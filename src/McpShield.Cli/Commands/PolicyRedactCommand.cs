using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using McpShield.Policy.Redaction;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy redact FILE|- --detectors card,iban,…</c></summary>
internal static class PolicyRedactCommand
{
    private const int MaxBytes = 16 * 1024 * 1024;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The text, UTF-8, or - for standard input." };
        var detectors = new Option<string>("--detectors") { Description = "Detectors and groups (secrets, pii), separated by commas.", Required = true };
        var action = new Option<string>("--action") { Description = "What happens to a finding. A hash holds within one run: the key is made for it.", DefaultValueFactory = static _ => "mask" };
        action.AcceptOnlyFromAmong(FilterWords.Actions);
        var json = new Option<bool>("--json") { Description = "Print one JSON document: findings, blocked, text. The exit code is 0 then, blocked or not." };
        var command = new ExampledCommand("redact", "Try filters on a text. Exit code 1 when it is blocked.", ["mcpshield policy redact mail.txt --detectors card,iban,email", "echo 'call +44 20 7946 0958' | mcpshield policy redact - --detectors pii --json"])
        {
            file, detectors, action, json,
        };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(file), parsed.GetRequiredValue(detectors), parsed.GetRequiredValue(action), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(string file, string detectors, string action, bool json, CancellationToken ct)
    {
        var names = detectors.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length == 0) throw new CommandException(ExitCodes.Usage, "--detectors is empty; name for instance card,email");
        var filter = Filter.Of("redact", names, FilterWords.Action(action)!.Value, out var unknown)
            ?? throw new CommandException(ExitCodes.Usage, $"`{unknown}` is not a detector; {FilterWords.HintForDetector(unknown!)}");

        var redacted = new Redactor([filter], RandomNumberGenerator.GetBytes(32)).Redact(await ReadAsync(file, ct));
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
        if (json)
        {
            await output.WriteLineAsync(Json(redacted));
            return ExitCodes.Done;
        }

        await output.WriteAsync(redacted.Text);
        if (!redacted.IsBlocked) return ExitCodes.Done;
        await Console.Error.WriteLineAsync(redacted.Cause is BlockCause.Finding ? $"blocked: {string.Join(", ", redacted.Findings.Select(static one => one.Detector).Distinct())} found" : "blocked: too large, or not to be looked at to its end");
        return ExitCodes.No;
    }

    private static string Json(TextRedaction redacted) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("findings");
        foreach (var finding in redacted.Findings)
        {
            json.WriteStartObject();
            json.WriteString("detector", finding.Detector);
            json.WriteNumber("start", finding.Start);
            json.WriteNumber("length", finding.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("blocked", redacted.IsBlocked);
        json.WriteString("text", redacted.Text);
        json.WriteEndObject();
    });

    private static async Task<string> ReadAsync(string path, CancellationToken ct)
    {
        try
        {
            await using var input = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            using var text = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (await input.ReadAsync(buffer, ct) is > 0 and var count)
            {
                if (text.Length + count > MaxBytes) throw new CommandException(ExitCodes.No, $"{path}: larger than {MaxBytes / 1024 / 1024} MiB");
                text.Write(buffer, 0, count);
            }

            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text.GetBuffer(), 0, (int)text.Length);
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException(ExitCodes.No, $"{path}: not UTF-8 text");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read `{path}`: {(File.Exists(path) ? failure.Message : "there is no such file")}");
        }
    }
}
