using McpShield.Policy.Evaluation;

namespace McpShield.Gateway;

/// <summary>Someone who was authenticated and may ask: the principal, its project, and the connection it came over.</summary>
/// <param name="Principal">Who acts.</param>
/// <param name="Project">The project its key belongs to.</param>
/// <param name="Transport"><c>http</c> or <c>stdio</c>.</param>
/// <param name="ClientIp">The caller's address, where there is one.</param>
public sealed record Agent(Principal Principal, GatewayProject Project, string Transport, string? ClientIp);
