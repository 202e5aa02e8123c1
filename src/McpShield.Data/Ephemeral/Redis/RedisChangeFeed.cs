using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>Announcements over publish and subscribe.</summary>
internal sealed class RedisChangeFeed(RedisLink redis) : IChangeFeed
{
    public Task PublishAsync(string topic, string what, CancellationToken ct) => redis.PublishAsync(Channel(topic), what, ct);

    public async Task<IAsyncDisposable> SubscribeAsync(string topic, Action<string> listener, CancellationToken ct)
    {
        var queue = await redis.SubscribeAsync(Channel(topic), ct);
        queue.OnMessage(message => listener(message.Message.ToString()));
        return new Subscription(queue);
    }

    private static RedisChannel Channel(string topic) => RedisChannel.Literal($"mcpshield:changes:{topic}");

    private sealed class Subscription(ChannelMessageQueue queue) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await queue.UnsubscribeAsync();
            }
            catch (Exception gone) when (gone is RedisException or ObjectDisposedException)
            {
                // The connection ended first, and the subscription with it.
            }
        }
    }
}
