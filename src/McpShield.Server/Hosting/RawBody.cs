using Microsoft.AspNetCore.Http;

namespace McpShield.Server.Hosting;

/// <summary>Bodies of which every byte matters, or which come too often to be read twice.</summary>
internal static class RawBody
{
    /// <summary>The whole body. The host refuses a larger one than <see cref="ControlPlane.MaxBodyBytes"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength is { } length and <= ControlPlane.MaxBodyBytes)
        {
            var exact = new byte[length];
            await request.Body.ReadExactlyAsync(exact, ct);
            return exact;
        }

        using var gathered = new MemoryStream();
        await request.Body.CopyToAsync(gathered, ct);
        return gathered.ToArray();
    }
}
