using McpShield.Gateway.Protocol;

namespace McpShield.Gateway.Asking;

/// <summary>A request that a server sent.</summary>
/// <param name="Server">The server id.</param>
/// <param name="Transport">How the server is reached: <c>http</c> or <c>stdio</c>.</param>
/// <param name="Message">The request.</param>
/// <param name="Call">The one call that it can belong to; <c>null</c>: none, or it cannot be said which.</param>
internal sealed record ServerQuestion(string Server, string Transport, RpcMessage Message, CallQuestions? Call);
