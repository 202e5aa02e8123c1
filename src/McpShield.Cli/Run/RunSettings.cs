using McpShield.Gateway.Upstream;

namespace McpShield.Cli.Run;

/// <summary>What a local gateway needs: a policy, the servers behind it, and where it writes what it decided.</summary>
/// <param name="Policy">The policy's file.</param>
/// <param name="Servers">The servers.</param>
/// <param name="Audit">The audit file; <c>null</c> for one of its own a process.</param>
internal sealed record RunSettings(string Policy, IReadOnlyList<UpstreamSpec> Servers, string? Audit);
