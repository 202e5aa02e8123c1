using System.Text;
using System.Text.Json.Nodes;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>A call being put together, one dimension after another.</summary>
internal sealed class Sketch(string tool)
{
    private readonly List<(string Pointer, string Json)> arguments = [];

    public CallContext Context { get; set; } = new() { Time = Moments.Usual };

    /// <summary>Puts a value, as JSON text, where the pointer says.</summary>
    public void Put(string pointer, string json) => arguments.Add((pointer, json));

    public CallText ToCall()
    {
        var root = new JsonObject();
        // Whole values first, so that what goes into them finds them.
        foreach (var (pointer, json) in arguments.OrderBy(static entry => entry.Pointer.Count(static one => one == '/'))) Put(root, pointer, json);
        return new(tool, Encoding.UTF8.GetBytes(root.ToJsonString(JsonTexts.Relaxed)), Context);
    }

    private static void Put(JsonObject root, string pointer, string json)
    {
        var steps = pointer[1..].Split('/').Select(static step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        var at = root;
        foreach (var step in steps[..^1])
        {
            if (at[step] is not JsonObject inner)
            {
                // Something else stands there by its own dimension: it hides what would lie below.
                if (at[step] is not null) return;
                at[step] = inner = [];
            }

            at = inner;
        }

        at[steps[^1]] = JsonNode.Parse(json);
    }
}

/// <summary>How the texts here are written.</summary>
internal static class JsonTexts
{
    public static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Quote(string text) => JsonValue.Create(text).ToJsonString(Relaxed);
}

/// <summary>Times at which calls are sketched.</summary>
internal static class Moments
{
    /// <summary>A Wednesday at noon, far from every change of clocks.</summary>
    public static DateTimeOffset Usual { get; } = new(2026, 1, 14, 12, 0, 0, TimeSpan.Zero);
}
