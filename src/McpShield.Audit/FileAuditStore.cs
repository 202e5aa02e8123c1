using System.Buffers;
using System.Globalization;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Audit;

/// <summary>Records as lines of one file, for a gateway that runs alone: <c>{"envelope":…,"link":…,"payload":…,"salt":…}</c>.</summary>
public sealed class FileAuditStore : IAuditStore
{
    private readonly FileStream file;
    private readonly FileStream guard;
    private StreamHead? last;
    private long whole;

    private FileAuditStore(FileStream file, FileStream guard, StreamHead? last)
    {
        (this.file, this.guard, this.last) = (file, guard, last);
        whole = file.Length;
    }

    /// <summary>Opens or creates the file. A line that a crash left unfinished is moved aside, into a file of its own.</summary>
    /// <exception cref="AuditUnavailableException">It cannot be written, or another process writes it.</exception>
    public static FileAuditStore Open(string path, TimeProvider clock)
    {
        FileStream? held = null;
        FileStream? opened = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // Held for as long as we write: two writers would tear each other's lines.
            held = PrivateFile.Create(path + ".lock", FileMode.OpenOrCreate, FileShare.None);
            opened = PrivateFile.Create(path, FileMode.OpenOrCreate, FileShare.ReadWrite);
            MoveTornLineAside(opened, path, clock);
            return new(opened, held, AuditFile.ReadLast(opened));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            opened?.Dispose();
            held?.Dispose();
            var why = held is null && File.Exists(path + ".lock") && failure is not UnauthorizedAccessException ? "another process writes it" : failure.Message;
            throw new AuditUnavailableException($"cannot write the audit file `{path}`: {why}", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct)
    {
        var lines = new ArrayBufferWriter<byte>(batch.Count * 1_024);
        foreach (var record in batch) AuditFile.WriteLine(record, lines);
        try
        {
            file.Position = whole;
            await file.WriteAsync(lines.WrittenMemory, CancellationToken.None);
            await file.FlushAsync(CancellationToken.None);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // All or nothing: what was written of the batch is taken back, here or before the next one.
            file.SetLength(whole);
            throw;
        }

        whole = file.Length;
        last = new(batch[^1].Stream, batch[^1].Seq, batch[^1].Link);
    }

    /// <inheritdoc/>
    public ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct) => new(last?.Stream == stream ? last : null);

    /// <inheritdoc/>
    /// <remarks>One process writes a file, and it has no control plane: nothing is ever told it twice.</remarks>
    public ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct) => new(new HashSet<RecordIdentity>());

    /// <inheritdoc/>
    public ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct) => new(last);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await file.DisposeAsync();
        await guard.DisposeAsync();
    }

    private static void MoveTornLineAside(FileStream file, string path, TimeProvider clock)
    {
        var end = AuditFile.EndOfLastLine(file);
        if (end == file.Length) return;
        var torn = new byte[file.Length - end];
        file.Position = end;
        file.ReadExactly(torn);
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.torn-{clock.GetUtcNow():yyyyMMddHHmmssfff}");
        using (var copy = PrivateFile.Create(aside, FileMode.CreateNew))
        {
            copy.Write(torn);
            copy.Flush(flushToDisk: true);
        }

        file.SetLength(end);
        file.Flush(flushToDisk: true);
    }
}

/// <summary>The lines of an audit file.</summary>
internal static class AuditFile
{
    // A record holds at most a request's arguments and its messages; a line longer than this is not one.
    private static readonly JsonLimits LineLimits = new(4 * 1024 * 1024, 64, 50_000);

    public static void WriteLine(StoredRecord record, IBufferWriter<byte> output)
    {
        output.Write("{\"envelope\":"u8);
        output.Write(record.Envelope);
        Encoding.ASCII.GetBytes($",\"link\":\"{Convert.ToHexStringLower(record.Link)}\"", output);
        if (record.Salt.Length > 0)
        {
            // Base64 of the very bytes that the digest covers: a JSON value could be written in other bytes by whoever touches the file.
            Encoding.ASCII.GetBytes($",\"salt\":\"{Convert.ToBase64String(record.Salt)}\",\"payload\":\"{Convert.ToBase64String(record.Payload)}\"", output);
        }

        output.Write("}\n"u8);
    }

    /// <summary>The records of a file, in order. A line that is none ends the reading: it may be half written.</summary>
    public static IEnumerable<KeptRecord> Read(Stream file)
    {
        using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: false), leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            if (Parse(Encoding.UTF8.GetBytes(line)) is not { } record) yield break;
            yield return record;
        }
    }

    public static StreamHead? ReadLast(FileStream file)
    {
        var end = EndOfLastLine(file);
        if (end == 0) return null;
        var start = StartOfLineBefore(file, end - 1);
        var line = new byte[end - 1 - start];
        file.Position = start;
        file.ReadExactly(line);
        return Parse(line) is { } record ? new(record.Stream, record.Seq, record.Link) : null;
    }

    public static long EndOfLastLine(FileStream file) => StartOfLineBefore(file, file.Length);

    /// <summary>One past the last line feed before <paramref name="position"/>, or 0.</summary>
    private static long StartOfLineBefore(FileStream file, long position)
    {
        var chunk = new byte[64 * 1024];
        while (position > 0)
        {
            var length = (int)Math.Min(chunk.Length, position);
            file.Position = position - length;
            file.ReadExactly(chunk, 0, length);
            var feed = chunk.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (feed >= 0) return position - length + feed + 1;
            position -= length;
        }

        return 0;
    }

    private static KeptRecord? Parse(byte[] line)
    {
        if (!JsonTree.TryRead(line, LineLimits, out var tree, out _)) return null;
        using (tree)
        {
            var (root, envelope) = (tree!.Root, tree.Root["envelope"u8]);
            if (envelope.Kind is not JsonKind.Object || root["link"u8].AsString() is not { } link) return null;
            var salt = root["salt"u8].AsString() is { } salted ? Convert.FromBase64String(salted) : [];
            var payload = root["payload"u8].AsString() is { } paid ? Convert.FromBase64String(paid) : null;
            return KeptRecord.TryRead(envelope.Raw.ToArray(), Convert.FromHexString(link), salt, payload);
        }
    }
}
