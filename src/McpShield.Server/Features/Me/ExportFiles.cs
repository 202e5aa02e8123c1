using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace McpShield.Server.Features.Me;

/// <summary>Writes JSON files into an archive as they are read: one row in memory at a time.</summary>
internal sealed class ExportFiles(ZipArchive archive, CancellationToken ct)
{
    private const int FlushBytes = 32 * 1024;

    private static readonly JsonWriterOptions Readable = new() { Indented = true };

    public async Task WriteAsync<T>(string name, T value, JsonTypeInfo<T> type)
    {
        await using var stream = await archive.CreateEntry(name).OpenAsync(ct);
        await JsonSerializer.SerializeAsync(stream, value, type, ct);
    }

    /// <summary>A file with a list of objects.</summary>
    public async Task WriteAsync<T>(string name, IAsyncEnumerable<T> rows, Action<Utf8JsonWriter, T> write)
    {
        await using var stream = await archive.CreateEntry(name).OpenAsync(ct);
        await using var json = new Utf8JsonWriter(stream, Readable);
        json.WriteStartArray();
        await foreach (var row in rows.WithCancellation(ct))
        {
            json.WriteStartObject();
            write(json, row);
            json.WriteEndObject();
            if (json.BytesPending > FlushBytes) await json.FlushAsync(ct);
        }

        json.WriteEndArray();
        await json.FlushAsync(ct);
    }

    public static void WriteMoment(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } moment) json.WriteString(name, moment);
        else json.WriteNull(name);
    }
}
