using System.CommandLine;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy init [--template NAME] [--output FILE] [--force] [--list]</c></summary>
internal static class PolicyInitCommand
{
    private const string DefaultFile = "policy.yaml";
    private const string StandardOutput = "-";

    public static Command Create()
    {
        var template = new Option<string>("--template") { Description = "What the policy is for; --list shows the choice.", DefaultValueFactory = static _ => PolicyTemplates.Default };
        var output = new Option<string>("--output") { Description = "The file to write, or - for standard output.", DefaultValueFactory = static _ => DefaultFile };
        var force = new Option<bool>("--force") { Description = "Write over a file that is there." };
        var list = new Option<bool>("--list") { Description = "Show the templates, and write nothing." };
        var json = new Option<bool>("--json") { Description = "With --list: print one JSON document." };
        var command = new ExampledCommand("init", "Write a policy to start from, with comments and tests.",
            ["mcpshield policy init", "mcpshield policy init --template filesystem --output fs.yaml", "mcpshield policy init --list"])
        {
            template, output, force, list, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            if (!parsed.GetValue(list)) return await WriteAsync(parsed.GetRequiredValue(template), parsed.GetRequiredValue(output), parsed.GetValue(force), ct);
            await Console.Out.WriteAsync(parsed.GetValue(json) ? Json() : Text());
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<int> WriteAsync(string template, string output, bool force, CancellationToken ct)
    {
        if (!PolicyTemplates.Names.Contains(template, StringComparer.Ordinal))
        {
            throw new CommandException(ExitCodes.Usage, $"there is no template `{template}`; choose one of {string.Join(", ", PolicyTemplates.Names)}");
        }

        var text = PolicyTemplates.Read(template);
        if (output == StandardOutput)
        {
            await Console.Out.WriteAsync(text.AsMemory(), ct);
            return ExitCodes.Done;
        }

        try
        {
            if (force) AtomicFile.Replace(output, text);
            else if (!AtomicFile.TryCreate(output, text)) throw new CommandException(ExitCodes.No, $"`{output}` is there already; choose another --output, or write over it with --force");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot write `{output}`: {failure.Message}");
        }

        await Console.Error.WriteLineAsync($"{output}: written from the template `{template}`; read it, change it, then: mcpshield policy validate {output}");
        return ExitCodes.Done;
    }

    private static string Text()
    {
        var width = PolicyTemplates.Names.Max(static name => name.Length);
        return string.Concat(PolicyTemplates.Names.Select(name => $"{name.PadRight(width)}  {PolicyTemplates.About(name)}\n"));
    }

    private static string Json() => JsonText.Write(static json =>
    {
        json.WriteStartArray();
        foreach (var name in PolicyTemplates.Names)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("about", PolicyTemplates.About(name));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }) + "\n";
}
