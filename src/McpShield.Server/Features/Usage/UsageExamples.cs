using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Usage;

/// <summary>What the description shows.</summary>
internal static class UsageExamples
{
    private static readonly UsageBucket Day = new(new(2026, 11, 25), 812, 780, 30, 2, 0, 0);
    private static readonly UsageDecisions Decisions = new(780, 30, 2, 0);
    private static readonly UsageSources Sources = new(800, 12);
    private static readonly UsageOfProject Project = new(Sample.Project, "Docs", 812);
    private static readonly UsageOfTool Tool = new(Sample.Tool, 812, 30);
    private static readonly UsageMonth Month = new("2026-11", 8_120, 10_000, 81.2, new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), "free", "warn", new(2026, 11, 29));
    private static readonly UsageOfAi Ai = new(2, 4_210, 1_180, 3);

    /// <summary>The same as a table.</summary>
    public static string Csv => UsageFeature.Table([Day]);

    public static ApiExample[] All =>
    [
        ApiExample.Of(new UsageSummaryResponse(Day.From, Day.From, "day", 812, [Day], Decisions, Sources, [Project], [Tool], 0, Month, Ai)),
        ApiExample.Of(new UsageMonthlyResponse(2026, 11, Month, 812, [Day], Decisions, Sources, [Project], [Tool], 0, Ai)),
    ];
}
