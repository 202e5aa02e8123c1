using McpShield.Audit;

namespace McpShield.Gateway.Upstream;

/// <summary>An upstream did not answer as it should; says where it broke and, for people, why.</summary>
public sealed class UpstreamException : Exception
{
    /// <summary>Creates it.</summary>
    public UpstreamException(CallStatus status, string message, Exception? inner = null) : base(message, inner) => Status = status;

    /// <summary>How the call is recorded.</summary>
    public CallStatus Status { get; }
}
