using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace McpShield.Web.Features.Policies;

/// <summary>A call's arguments, as somebody types them.</summary>
internal static class CallText
{
    public static bool TryRead(string? text, out JsonElement? arguments, [NotNullWhen(false)] out string? error)
    {
        (arguments, error) = (null, null);
        if (string.IsNullOrWhiteSpace(text)) return true;
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                error = "Arguments are a JSON object, for instance {\"path\": \"/data/a.md\"}.";
                return false;
            }

            arguments = document.RootElement.Clone();
            return true;
        }
        catch (JsonException wrong)
        {
            error = $"This is not JSON: line {(wrong.LineNumber ?? 0) + 1}, byte {(wrong.BytePositionInLine ?? 0) + 1}.";
            return false;
        }
    }
}
