using System.Globalization;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Policy.Conditions;

/// <summary>A parameter as a policy names it: a top-level name, or a JSON Pointer (RFC 6901).</summary>
internal sealed class ParameterName
{
    private readonly byte[][] steps;

    private ParameterName(string pointer, IEnumerable<string> steps) =>
        (Pointer, this.steps) = (pointer, [.. steps.Select(Encoding.UTF8.GetBytes)]);

    public string Pointer { get; }

    public int Depth => steps.Length;

    /// <summary>Reads it; <c>null</c> when it is a pointer with a broken escape.</summary>
    public static ParameterName? Parse(string text)
    {
        if (!text.StartsWith('/')) return new($"/{Escape(text)}", [text]);
        var parts = text[1..].Split('/');
        return parts.All(IsStep) ? new(text, parts.Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))) : null;
    }

    public JsonView Find(JsonView arguments)
    {
        var value = arguments;
        foreach (var step in steps)
        {
            value = value.Kind is JsonKind.Array ? Item(value, step) : value[step];
            if (!value.Exists) return default;
        }

        return value;
    }

    /// <summary>Whether the step that leads below <paramref name="depth"/> others is the member <paramref name="key"/>.</summary>
    public bool HasStep(int depth, JsonView key) => depth < steps.Length && key.StringEquals(steps[depth]);

    /// <summary>Whether the step that leads below <paramref name="depth"/> others is the item <paramref name="index"/>.</summary>
    public bool HasStep(int depth, int index)
    {
        Span<byte> digits = stackalloc byte[11];
        return depth < steps.Length && index.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture) && digits[..length].SequenceEqual(steps[depth]);
    }

    private static JsonView Item(JsonView array, byte[] step)
    {
        if (!int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || (step.Length > 1 && step[0] == '0')) return default;
        foreach (var item in array.Items)
        {
            if (index-- == 0) return item;
        }

        return default;
    }

    private static bool IsStep(string part)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] == '~' && (i + 1 == part.Length || part[i + 1] is not ('0' or '1'))) return false;
        }

        return true;
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
