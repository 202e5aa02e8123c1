using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Policy.Language;
using McpShield.Testing;

namespace McpShield.Policy.Tests.Language;

/// <summary>The JSON Schema says of shapes what the loader says: held with the validator that editors use, on every text of the conformance files.</summary>
public sealed class SchemaTests
{
    // What a schema can say. Domains, canonical paths, unique ids and the like are the loader's alone.
    private static readonly string[] OfShape = ["unknown-key", "not-supported-yet", "wrong-type", "missing-key", "empty-value", "unknown-value", "out-of-range", "too-many", "unknown-version"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_text_that_loads_is_valid_by_the_schema_and_one_of_the_wrong_shape_is_not()
    {
        using var folder = new TemporaryFolder();
        var schema = folder.Write("schema.json", PolicySchema.Json);
        var texts = Texts().Distinct(StringComparer.Ordinal).ToList();

        var ended = await RunningProgram.RunAsync(Checkout.Node, [Checkout.Peer("validate-schema.mjs"), schema], Ct, input: string.Join('\n', texts.Select(static text => JsonValue.Create(text).ToJsonString())) + "\n");

        Assert.True(ended.ExitCode == 0, ended.Errors);
        var verdicts = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(bool.Parse).ToList();
        Assert.Equal(texts.Count, verdicts.Count);
        var wrong = new List<string>();
        foreach (var (text, isValid) in texts.Zip(verdicts))
        {
            var loaded = PolicyLoader.Load(text);
            var isMisshapen = loaded.Diagnostics.Any(item => item.Severity is Severity.Error && OfShape.Contains(item.Code, StringComparer.Ordinal));
            // How a number is spelt is gone before a schema sees it.
            if (isValid && isMisshapen && (text.Contains("0x", StringComparison.Ordinal) || text.Contains("version: 1.0", StringComparison.Ordinal))) continue;
            if (isValid ? isMisshapen : loaded.Policy is not null) wrong.Add($"schema: {(isValid ? "valid" : "not valid")}, loader: {string.Join("; ", loaded.Diagnostics)}\n{text}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n---\n", wrong));
        Assert.True(verdicts.Count(static valid => !valid) > 100);
    }

    [Fact]
    public void The_schema_that_is_published_is_the_one_of_this_version() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Checkout.Root, "docs", "policy.schema.json")), PolicySchema.Json);

    private static IEnumerable<string> Texts()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Conformance"), "*.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            if (document.RootElement.TryGetProperty("policies", out var policies))
            {
                foreach (var policy in policies.EnumerateObject()) yield return policy.Value.GetString()!;
            }

            if (document.RootElement.TryGetProperty("load_cases", out var cases))
            {
                foreach (var entry in cases.EnumerateArray()) yield return entry.GetProperty("yaml").GetString()!;
            }
        }
    }
}
