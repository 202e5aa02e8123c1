using System.Globalization;
using McpShield.Contracts;

namespace McpShield.Web.Components;

/// <summary>Usage as bars of a chart.</summary>
internal static class UsageBars
{
    public static IReadOnlyList<Bar> Of(IReadOnlyList<UsageBucket> series, string by = "day") =>
        [.. series.Select(bucket => new Bar(bucket.From.ToString(by == "month" ? "MMM yyyy" : "d MMM", CultureInfo.InvariantCulture), [("allow", bucket.Allow), ("deny", bucket.Deny), ("approve", bucket.Approve), ("other", bucket.Other)]))];
}
