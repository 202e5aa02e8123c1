using System.Threading.Channels;

namespace McpShield.Data.Ephemeral.Memory;

/// <summary>Announcements within this process, each listener on its own turn.</summary>
internal sealed class MemoryChangeFeed : IChangeFeed
{
    private readonly Dictionary<string, List<Subscription>> topics = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public Task PublishAsync(string topic, string what, CancellationToken ct)
    {
        lock (gate)
        {
            foreach (var one in topics.GetValueOrDefault(topic) ?? []) one.Send(what);
        }

        return Task.CompletedTask;
    }

    public Task<IAsyncDisposable> SubscribeAsync(string topic, Action<string> listener, CancellationToken ct)
    {
        var subscription = new Subscription(this, topic, listener);
        lock (gate)
        {
            if (!topics.TryGetValue(topic, out var all)) topics[topic] = all = [];
            all.Add(subscription);
        }

        return Task.FromResult<IAsyncDisposable>(subscription);
    }

    private sealed class Subscription : IAsyncDisposable
    {
        // A listener that is slow loses the oldest: a message says no more than "look again".
        private readonly Channel<string> waiting = Channel.CreateBounded<string>(new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        private readonly MemoryChangeFeed feed;
        private readonly string topic;

        public Subscription(MemoryChangeFeed feed, string topic, Action<string> listener)
        {
            (this.feed, this.topic) = (feed, topic);
            _ = ListenAsync(listener);
        }

        public void Send(string what) => waiting.Writer.TryWrite(what);

        public ValueTask DisposeAsync()
        {
            lock (feed.gate)
            {
                if (feed.topics.TryGetValue(topic, out var all) && all.Remove(this) && all.Count == 0) feed.topics.Remove(topic);
            }

            waiting.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        private async Task ListenAsync(Action<string> listener)
        {
            await foreach (var what in waiting.Reader.ReadAllAsync())
            {
                try
                {
                    listener(what);
                }
                catch (Exception)
                {
                    // A listener that fails once must hear the next message too; what it missed, its polling finds.
                }
            }
        }
    }
}
