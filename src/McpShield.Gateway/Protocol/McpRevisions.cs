namespace McpShield.Gateway.Protocol;

/// <summary>Protocol eras as named questions, so that no handler compares dates.</summary>
internal static class McpRevisions
{
    /// <summary>The stateless era: every request carries its own metadata, there is no handshake and no session.</summary>
    public const string Modern = "2026-07-28";

    /// <summary>The newest revision of the era that opens with <c>initialize</c>.</summary>
    public const string NewestLegacy = "2025-11-25";

    // Revisions that cannot do what we rely on are still spoken: an older client loses a feature, not the gateway.
    private static readonly string[] LegacyRevisions = ["2024-11-05", "2025-03-26", "2025-06-18", NewestLegacy];

    /// <summary>What <c>server/discover</c> and a version error name: the revisions that work without a handshake.</summary>
    public static IReadOnlyList<string> Stateless { get; } = [Modern];

    public static bool IsModern(string? revision) => revision == Modern;

    public static bool IsLegacy(string? revision) => revision is not null && LegacyRevisions.Contains(revision, StringComparer.Ordinal);

    public static bool IsKnown(string revision) => IsModern(revision) || IsLegacy(revision);

    // SPEC: 2025-11-25 lifecycle, "Version Negotiation": the server answers with the requested revision or its own newest.
    public static string Negotiate(string? requested) => IsLegacy(requested) ? requested! : NewestLegacy;
}
