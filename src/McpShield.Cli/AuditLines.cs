using System.Globalization;
using McpShield.Contracts;

namespace McpShield.Cli;

/// <summary>One audit entry on one line, for a terminal.</summary>
internal static class AuditLines
{
    public static string Of(AuditResponse entry) => Plain(string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Timestamp.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}  {(entry.Decision ?? entry.Kind).ToUpperInvariant(),-8} {entry.ToolName ?? entry.Action ?? "–",-32} {entry.PolicyRuleMatched ?? "–"}  {entry.Reason ?? entry.TargetId}  {entry.Agent ?? entry.Actor}"));

    // THREAT: names come from agents and servers; an escape sequence in one would speak to the terminal of whoever looks.
    private static string Plain(string text) => string.Concat(text.Select(static unit => char.IsControl(unit) ? '\uFFFD' : unit));
}
