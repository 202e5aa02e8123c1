using System.Globalization;

namespace McpShield.Web.Components;

/// <summary>How many, as people read it.</summary>
internal static class Count
{
    public static string Of(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
