namespace McpShield.Data.Ephemeral;

/// <summary>Shared state could not be read or written. Whoever asked for it refuses: an answer is not known, so it is no.</summary>
public sealed class EphemeralUnavailableException : Exception
{
    /// <summary>Creates it.</summary>
    public EphemeralUnavailableException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
