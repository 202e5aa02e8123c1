namespace McpShield.Data.Ephemeral;

/// <summary>Tells every copy that something changed, so that it looks at once. A message may be lost: whoever must not miss a change also polls.</summary>
public interface IChangeFeed
{
    /// <summary>Announces a change to every subscriber of <paramref name="topic"/>, this process among them. <paramref name="what"/> is an identifier, never a secret.</summary>
    Task PublishAsync(string topic, string what, CancellationToken ct);

    /// <summary>Calls <paramref name="listener"/> for each announcement, one after the other, until the result is disposed.</summary>
    Task<IAsyncDisposable> SubscribeAsync(string topic, Action<string> listener, CancellationToken ct);
}
