using System.Text.Json;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Testing;

namespace McpShield.Policy.Tests.Conformance;

/// <summary>What the language means, as data: every case of every file, decision and rule.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Conformance"), "*.json").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_comes_out_as_written(string file)
    {
        var wrong = new List<string>();
        var policies = new Dictionary<string, CompiledPolicy>(StringComparer.Ordinal);
        foreach (var one in Case.In(file))
        {
            if (!policies.TryGetValue(one.Policy, out var policy)) policies[one.Policy] = policy = one.Load();
            if (Wrong(one, policy) is { } why) wrong.Add(why);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_text_that_must_not_load_is_refused_with_a_position(string file)
    {
        var wrong = new List<string>();
        foreach (var (id, yaml) in LoadCases(file))
        {
            var loaded = PolicyLoader.Load(yaml);
            if (loaded.Policy is not null) wrong.Add($"{id} was accepted");
            else if (!loaded.Diagnostics.Any(item => item is { Severity: Severity.Error, Line: > 0, Column: > 0 })) wrong.Add($"{id} was refused without a position");
            else if (loaded.Diagnostics.Any(item => item.Code == "not-supported-yet")) wrong.Add($"{id} was refused for another reason");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_case_is_explained_as_approved()
    {
        var received = Cases().OrderBy(static one => one.Id, StringComparer.Ordinal).Select(static one => one.Told(one.Decide(one.Load()))).ToList();
        if (received.SequenceEqual(Told.Values, StringComparer.Ordinal)) return;
        var path = Path.Combine(Checkout.Root, "tests", "McpShield.Policy.Tests", "Conformance", "told.received.txt");
        File.WriteAllLines(path, received);
        Assert.Fail($"what is told of {string.Join(", ", received.Except(Told.Values, StringComparer.Ordinal).Take(20))} differs; when that is meant, put {path} in the place of told.approved.txt");
    }

    // What outsiders read of each case, as it was approved.
    private static readonly SortedDictionary<string, string> Told = new(
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "told.approved.txt")).ToDictionary(static line => line[..line.IndexOf(':', StringComparison.Ordinal)], StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Each case by itself, for the runner of mutants.</summary>
    public static IEnumerable<Case> Cases() => Files.SelectMany(static file => Case.In(file.Data));

    public static string? Wrong(Case one)
    {
        var policy = one.Load();
        return Wrong(one, policy) ?? (one.Told(one.Decide(policy)) is var told && told == Told[one.Id] ? null : told);
    }

    private static string? Wrong(Case one, CompiledPolicy policy)
    {
        var decision = one.Decide(policy);
        var rule = decision.Rule ?? (decision.Reason is Reason.Default ? "default" : WireNames.Of(decision.Reason));
        return WireNames.Of(decision.Outcome) == one.Decision && rule == one.Rule ? null : $"{one}: {WireNames.Of(decision.Outcome)} by {rule}, not {one.Decision} by {one.Rule}";
    }

    private static IEnumerable<(string Id, string Yaml)> LoadCases(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", file)));
        if (!document.RootElement.TryGetProperty("load_cases", out var cases)) yield break;
        foreach (var entry in cases.EnumerateArray()) yield return (entry.GetProperty("id").GetString()!, entry.GetProperty("yaml").GetString()!);
    }
}
