using System.Buffers.Binary;
using System.Buffers.Text;
using McpShield.Contracts;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace McpShield.Server.Features.Policies;

/// <summary>Pages of a list that is ordered by version, newest first.</summary>
internal static class VersionCursor
{
    /// <summary>What is wrong with the question; <c>null</c>: nothing, and <paramref name="before"/> is where the page begins.</summary>
    public static ProblemHttpResult? Problem(string? cursor, int limit, out int before)
    {
        before = int.MaxValue;
        if (Cursor.Problem(cursor: null, limit, out _) is { } problem) return problem;
        if (cursor is null) return null;
        Span<byte> bytes = stackalloc byte[4];
        if (cursor.Length != 6 || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written) || written != 4) return Problems.Invalid("cursor", "is none that this API gave; begin again without it");
        before = BinaryPrimitives.ReadInt32BigEndian(bytes);
        return null;
    }

    /// <summary>The page of <paramref name="found"/>, which holds one more than is shown where there are more.</summary>
    public static Page<PolicyVersionSummary> Page(List<PolicyVersionSummary> found, int limit)
    {
        if (found.Count <= limit) return new(found, NextCursor: null);
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, found[limit - 1].Version);
        return new(found[..limit], Base64Url.EncodeToString(bytes));
    }
}
