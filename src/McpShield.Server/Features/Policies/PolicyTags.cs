using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace McpShield.Server.Features.Policies;

/// <summary>Entity tags of policies (RFC 9110, sections 8.8.3 and 13.1).</summary>
internal static class PolicyTags
{
    /// <summary>The tag of a version, quotes included: <c>"v7"</c>.</summary>
    public static string Of(int version) => string.Create(CultureInfo.InvariantCulture, $"\"v{version}\"");

    /// <summary>The tag of a version in an environment: both stand in what gateways get.</summary>
    public static string Of(int version, string environment) => string.Create(CultureInfo.InvariantCulture, $"\"v{version}.{environment}\"");

    /// <summary>Whether a change may go on: nothing was demanded, or <paramref name="tag"/> is among what was.</summary>
    public static bool IsMet(HttpRequest request, string tag) => request.Headers.IfMatch.Count == 0 || Names(request.Headers.IfMatch, tag, isWeakFine: false);

    /// <summary>Whether the caller has it already.</summary>
    public static bool IsKnown(HttpRequest request, string tag) => Names(request.Headers.IfNoneMatch, tag, isWeakFine: true);

    private static bool Names(StringValues header, string tag, bool isWeakFine)
    {
        foreach (var line in header)
        {
            foreach (var one in (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (one == "*" || one == tag) return true;
                // Compressing proxies make strong tags weak on the way.
                if (isWeakFine && one.StartsWith("W/", StringComparison.Ordinal) && one[2..] == tag) return true;
            }
        }

        return false;
    }
}
