namespace McpShield.Contracts;

/// <summary>What <c>GET /</c> answers: which program this is, and where its parts are.</summary>
/// <param name="Name">Always <c>mcpshield</c>.</param>
/// <param name="Version">The program's version, semantic versioning.</param>
/// <param name="Mcp">Path of the MCP endpoint (Streamable HTTP), from the root of this address.</param>
/// <param name="Health">Path of the health report.</param>
public sealed record ServiceInfo(string Name, string Version, string Mcp, string Health);

/// <summary>What <c>GET /health</c> answers. Status 200 when everything works, 503 when agents' calls would be refused.</summary>
/// <param name="Status"><c>ok</c> or <c>failing</c>.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Checks">Each part by name (<c>projects</c>, <c>audit</c>): <c>ok</c>, or a sentence that says what is wrong.</param>
public sealed record HealthReport(string Status, string Version, IReadOnlyDictionary<string, string> Checks);
