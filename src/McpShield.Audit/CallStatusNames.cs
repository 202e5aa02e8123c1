using System.Text.Json;

namespace McpShield.Audit;

/// <summary>The names of <see cref="CallStatus"/> in records: <c>snake_case</c>.</summary>
public static class CallStatusNames
{
    private static readonly string[] Names = [.. Enum.GetNames<CallStatus>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>For instance <c>timed_out</c>.</summary>
    public static string Of(CallStatus status) => Names[(int)status];
}
