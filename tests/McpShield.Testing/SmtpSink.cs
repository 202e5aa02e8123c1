using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace McpShield.Testing;

/// <summary>A mail as it came over the wire.</summary>
public sealed record SunkMail(string From, string To, string Data);

/// <summary>A real mail server that keeps what it gets (RFC 5321), and says no when it is told to.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentQueue<SunkMail> received = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> refusals = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentBag<Task> conversations = [];
    private readonly Task accepting;

    public SmtpSink()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public IReadOnlyCollection<SunkMail> Received => received;

    /// <summary>The mails to one address.</summary>
    public IReadOnlyList<SunkMail> To(string address) => [.. received.Where(mail => mail.To == address)];

    /// <summary>Answers the next mails to <paramref name="address"/> with <paramref name="reply"/>, for instance <c>451 4.3.0 try later</c>.</summary>
    public void Refuse(string address, string reply, int times = 1)
    {
        var own = refusals.GetOrAdd(address, static _ => new());
        for (var i = 0; i < times; i++) own.Enqueue(reply);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(conversations);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) conversations.Add(TalkAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 sink ready");
                var (from, to) = ("", "");
                while (await reader.ReadLineAsync(stopping.Token) is { } line)
                {
                    var verb = line.Split(' ', 2)[0].ToUpperInvariant();
                    if (verb == "MAIL") from = Between(line);
                    if (verb == "RCPT") to = Between(line);
                    if (verb == "DATA")
                    {
                        await writer.WriteLineAsync("354 go on");
                        received.Enqueue(new(from, to, await ReadDataAsync(reader)));
                    }

                    await writer.WriteLineAsync(Reply(verb, to));
                    if (verb == "QUIT") return;
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client is gone, or the test is over.
        }
    }

    private string Reply(string verb, string to)
    {
        switch (verb)
        {
            case "EHLO":
                return "250-sink\r\n250 8BITMIME";
            case "QUIT":
                return "221 bye";
            case "RCPT" when refusals.TryGetValue(to, out var own) && own.TryDequeue(out var refusal):
                return refusal;
            default:
                return "250 ok";
        }
    }

    private async Task<string> ReadDataAsync(StreamReader reader)
    {
        var data = new StringBuilder();
        while (await reader.ReadLineAsync(stopping.Token) is { } line && line != ".") data.AppendLine(line.StartsWith("..", StringComparison.Ordinal) ? line[1..] : line);
        return data.ToString();
    }

    private static string Between(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
}
