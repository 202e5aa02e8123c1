using System.Buffers.Text;
using McpShield.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace McpShield.Server.Hosting;

/// <summary>Pages of lists that are ordered by a UUID v7, newest first.</summary>
internal static class Cursor
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <summary>What is wrong with the question; <c>null</c>: nothing, and <paramref name="before"/> is where the page begins.</summary>
    public static ProblemHttpResult? Problem(string? cursor, int limit, out Guid? before)
    {
        before = null;
        if (limit is < 1 or > MaxLimit) return Problems.Invalid("limit", $"must be 1 to {MaxLimit}");
        if (cursor is null) return null;
        Span<byte> bytes = stackalloc byte[16];
        if (cursor.Length != 22 || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written) || written != 16) return Problems.Invalid("cursor", "is none that this API gave; begin again without it");
        before = new Guid(bytes, bigEndian: true);
        return null;
    }

    /// <summary>The page of <paramref name="found"/>, which holds one more than is shown where there are more.</summary>
    public static Page<T> Page<T>(List<T> found, int limit, Func<T, Guid> id) =>
        found.Count <= limit ? new(found, NextCursor: null) : new(found[..limit], Base64Url.EncodeToString(id(found[limit - 1]).ToByteArray(bigEndian: true)));
}
