using System.Buffers.Text;
using System.Security.Cryptography;
using McpShield.Policy.Evaluation;

namespace McpShield.Gateway.Enforcement;

/// <summary>What one conversation has gathered: labels, and calls allowed. Both only grow.</summary>
internal sealed class Session
{
    private readonly HashSet<string> labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> calls = new(StringComparer.Ordinal);

    public Session() => State = new() { Id = Id, Labels = labels, Calls = calls };

    /// <summary>Tells it from others; 128 random bits, so that a handle cannot be guessed.</summary>
    public string Id { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    /// <summary>
    /// Held from reading the state until the call is counted. INVARIANT: of two calls at once, the second is decided on what the first
    /// left behind, so that <c>calls_in_session</c> never lets one too many through.
    /// </summary>
    public Lock Gate { get; } = new();

    /// <summary>The live state, to be read under the gate.</summary>
    public SessionState State { get; }

    public long LastUsed { get; set; }

    /// <summary>Counts a call that was allowed; under the gate.</summary>
    public void Count(string tool) => calls[tool] = calls.GetValueOrDefault(tool) + 1;

    public void Add(IEnumerable<string> added)
    {
        lock (Gate) labels.UnionWith(added);
    }

    /// <summary>Begins with what another has gathered.</summary>
    public void Inherit(Session other)
    {
        lock (other.Gate)
        {
            labels.UnionWith(other.labels);
            foreach (var (tool, count) in other.calls) calls[tool] = count;
        }
    }
}
