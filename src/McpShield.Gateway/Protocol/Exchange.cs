using McpShield.Gateway.Asking;
using McpShield.Policy.Sessions;

namespace McpShield.Gateway.Protocol;

/// <summary>What two sides agreed on, or one request carries: the revision, and what the client says it is.</summary>
/// <param name="Revision">The protocol revision; <c>null</c> before it is known.</param>
/// <param name="Client">Name and version as the client reports them: for the record, never for a decision.</param>
/// <param name="Session">The transport session of the <c>initialize</c> eras, with what it has gathered; <c>null</c> where there is none.</param>
/// <param name="Askable">The agent, where it said in a handshake that it can be asked something.</param>
internal sealed record Exchange(string? Revision, string? Client, Session? Session = null, AskableAgent? Askable = null)
{
    public static Exchange Unknown { get; } = new(null, null);

    public bool IsModern => McpRevisions.IsModern(Revision);
}
