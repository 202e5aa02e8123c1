using System.Text;
using McpShield.Testing;

namespace McpShield.Cli.Tests;

/// <summary>What scripts and people rely on: every command's help, as it was approved.</summary>
public sealed class HelpTests
{
    private static readonly string[] Commands =
    [
        "", "up", "run", "policy", "policy init", "policy validate", "policy eval", "policy test", "policy mutate", "policy diff", "policy lint", "policy fmt", "policy redact", "policy schema",
        "audits", "audits list", "audits tail", "audits export", "audits verify", "login", "logout", "whoami", "projects", "projects list", "projects create", "projects show", "projects delete", "keys", "keys list", "keys create",
        "keys revoke", "usage", "admin", "admin users", "admin plan", "admin plans", "admin keys",
    ];

    [Fact]
    public async Task The_help_of_every_command_is_the_approved_one()
    {
        var ct = TestContext.Current.CancellationToken;
        var all = new StringBuilder();
        foreach (var command in Commands)
        {
            var ended = await RunningProgram.RunAsync(Checkout.Program, [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], ct);
            Assert.Equal(0, ended.ExitCode);
            all.AppendLine($"$ mcpshield {command} --help".Replace("  ", " ", StringComparison.Ordinal)).AppendLine(ended.Output.TrimEnd()).AppendLine();
        }

        var approved = Path.Combine(Checkout.Root, "tests", "McpShield.Cli.Tests", "help.approved.txt");
        var received = Path.ChangeExtension(approved, null).Replace(".approved", ".received.txt", StringComparison.Ordinal);
        var text = all.ToString();
        if (File.Exists(approved) && await File.ReadAllTextAsync(approved, ct) == text) return;
        await File.WriteAllTextAsync(received, text, ct);
        Assert.Fail($"the help differs from {approved}; when that is meant, put {received} in its place");
    }
}
