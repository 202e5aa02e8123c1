using System.Reflection;

namespace McpShield.Cli.Tests;

/// <summary>References point one way, as docs/architecture.md draws them.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<string, string[]> Allowed => new()
    {
        { "McpShield.Policy", [] },
        { "McpShield.Contracts", [] },
        { "McpShield.Audit", ["McpShield.Policy"] },
        { "McpShield.Adapters", ["McpShield.Policy"] },
        { "McpShield.Gateway", ["McpShield.Policy", "McpShield.Adapters", "McpShield.Audit"] },
        { "McpShield.Data", ["McpShield.Audit", "McpShield.Policy"] },
        { "McpShield.Server", ["McpShield.Policy", "McpShield.Contracts", "McpShield.Audit", "McpShield.Adapters", "McpShield.Data", "McpShield.Gateway"] },
        { "McpShield.Web", ["McpShield.Contracts"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_project_knows_only_what_the_picture_shows(string project, string[] allowed)
    {
        var ours = Assembly.Load(project).GetReferencedAssemblies().Select(static one => one.Name!).Where(static name => name.StartsWith("McpShield.", StringComparison.Ordinal));

        Assert.Empty(ours.Except(allowed));
    }

    [Fact]
    public void The_decision_needs_neither_network_nor_files_nor_processes()
    {
        string[] banned = ["System.Net.Http", "System.Net.Sockets", "System.Diagnostics.Process", "System.IO.Pipes", "Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Microsoft.Extensions"];

        var references = Assembly.Load("McpShield.Policy").GetReferencedAssemblies().Select(static one => one.Name!);

        Assert.DoesNotContain(references, name => banned.Any(one => name.StartsWith(one, StringComparison.Ordinal)));
    }
}
