using System.Text.Json;

namespace McpShield.Policy.Evaluation;

/// <summary>The names under which the closed lists appear in policies, audits and APIs: <c>snake_case</c>.</summary>
public static class WireNames
{
    private static readonly string[] Outcomes = Names<Outcome>();
    internal static readonly string[] Reasons = Names<Reason>();
    private static readonly string[] Codes = Names<DetailCode>();
    private static readonly string[] Truths = Names<Truth>();

    /// <summary><c>deny</c>, <c>allow</c> or <c>approve</c>.</summary>
    public static string Of(Outcome outcome) => Outcomes[(int)outcome];

    /// <summary>For instance <c>invalid_request</c>.</summary>
    public static string Of(Reason reason) => Reasons[(int)reason];

    /// <summary>For instance <c>outside_prefix</c>.</summary>
    public static string Of(DetailCode code) => Codes[(int)code];

    /// <summary><c>error</c>, <c>false</c> or <c>true</c>.</summary>
    public static string Of(Truth truth) => Truths[(int)truth];

    private static string[] Names<T>() where T : struct, Enum =>
        [.. Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
}
