using System.CommandLine;
using McpShield.Policy.Language;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy schema</c>: the language as a JSON Schema.</summary>
internal static class PolicySchemaCommand
{
    public static Command Create()
    {
        var command = new ExampledCommand(
            "schema",
            "Print the JSON Schema of the policy language, for editors.",
            ["mcpshield policy schema > policy.schema.json", "# then, as the first line of a policy:  # yaml-language-server: $schema=policy.schema.json"]);
        command.SetAction(_ => Console.Out.Write(PolicySchema.Json));
        return command;
    }
}
