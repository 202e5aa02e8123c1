using System.Security.Cryptography;
using System.Text;
using CsCheck;
using McpShield.Testing;

namespace McpShield.Audit.Tests;

/// <summary>Whoever holds a stream can tell whether anything of it was changed.</summary>
public sealed class ChainTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Leaves_links_and_digests_are_what_the_format_says()
    {
        var (envelope, salt, payload) = ("{\"seq\":1}"u8.ToArray(), new byte[] { 1, 2, 3 }, "{}"u8.ToArray());

        var leaf = SHA256.HashData([0x00, .. envelope]);

        Assert.Equal(leaf, Chain.Leaf(envelope));
        Assert.Equal(SHA256.HashData([0x01, .. new byte[32], .. leaf]), Chain.Link(Chain.Beginning.Span, leaf));
        Assert.Equal(SHA256.HashData([.. salt, .. payload]), Chain.PayloadDigest(salt, payload));
    }

    [Fact]
    public async Task A_stream_that_nobody_touched_holds()
    {
        var stream = await StreamAsync();

        Assert.Null(ChainVerifier.Verify(stream));
        Assert.Equal(["opened", "decision", "outcome", "decision", "outcome", "sealed"], stream.Select(static one => one.Kind));
    }

    [Fact]
    public async Task Any_changed_byte_of_an_envelope_is_found_at_its_record()
    {
        var stream = await StreamAsync();

        Gen.Int[0, stream.Count - 1].SelectMany(index => Gen.Int[0, stream[index].Envelope.Length - 1].Select(Gen.Byte[1, 255], (at, by) => (index, at, by))).Sample(
            change =>
            {
                var envelope = stream[change.index].Envelope.ToArray();
                envelope[change.at] ^= change.by;
                var changed = stream.ToArray();
                changed[change.index] = stream[change.index] with { Envelope = envelope };
                Assert.Equal(change.index + 1, ChainVerifier.Verify(changed)?.Seq);
            },
            iter: 300);
    }

    [Fact]
    public async Task A_missing_doubled_or_moved_record_is_found_where_it_begins()
    {
        var stream = await StreamAsync();

        Assert.Equal(3, ChainVerifier.Verify([.. stream.Where(static one => one.Seq != 3)])?.Seq);
        Assert.Equal(4, ChainVerifier.Verify([.. stream.Take(3), stream[2], .. stream.Skip(3)])?.Seq);
        Assert.Equal(2, ChainVerifier.Verify([stream[0], stream[2], stream[1], .. stream.Skip(3)])?.Seq);
        Assert.Equal(1, ChainVerifier.Verify([.. stream.Skip(1)])?.Seq);
    }

    [Fact]
    public async Task An_erased_payload_is_no_fault_and_a_changed_one_is()
    {
        var stream = await StreamAsync();

        Assert.Null(ChainVerifier.Verify([stream[0], stream[1] with { Payload = null, Salt = [] }, .. stream.Skip(2)]));
        Assert.Equal(2, ChainVerifier.Verify([stream[0], stream[1] with { Payload = "{}"u8.ToArray() }, .. stream.Skip(2)])?.Seq);
    }

    [Fact]
    public async Task A_stream_rechained_by_someone_without_the_key_is_found_by_its_signature()
    {
        var stream = await StreamAsync();
        var envelope = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(stream[0].Envelope).Replace("\"host\":\"host\"", "\"host\":\"evil\"", StringComparison.Ordinal));
        var link = Chain.Link(Chain.Beginning.Span, Chain.Leaf(envelope));

        var fault = ChainVerifier.Verify([stream[0] with { Envelope = envelope, Link = link }]);

        Assert.Equal(1, fault?.Seq);
        Assert.Contains("signature", fault!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_personal_lies_in_the_payload_and_not_in_the_envelope()
    {
        var store = new MemoryStore();
        await using (var log = await Records.OpenAsync(store, folder))
        {
            await log.CommitAsync(Records.Decision(message: "a message") with { ClientIp = "203.0.113.7", Client = "some client 1.0" }, Ct);
        }

        var decision = store.Kept[1];
        var envelope = Encoding.UTF8.GetString(decision.Envelope);
        foreach (var personal in (string[])["203.0.113.7", "some client", "/a", "a message"])
        {
            Assert.DoesNotContain(personal, envelope, StringComparison.Ordinal);
            Assert.Contains(personal, Encoding.UTF8.GetString(decision.Payload), StringComparison.Ordinal);
        }
    }

    private async Task<IReadOnlyList<KeptRecord>> StreamAsync()
    {
        var store = new MemoryStore();
        await using (var log = await Records.OpenAsync(store, folder))
        {
            foreach (var tool in (string[])["fs.read_file", "db.query"])
            {
                var decision = Records.Decision(tool);
                await log.CommitAsync(decision, Ct);
                await log.CommitAsync(Records.Outcome(decision), Ct);
            }
        }

        return store.AsKept;
    }
}
