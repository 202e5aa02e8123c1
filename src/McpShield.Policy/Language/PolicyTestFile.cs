using System.Collections.Immutable;
using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Language;

/// <summary>A file of tests for a policy that stands elsewhere: <c>NAME.test.yaml</c>.</summary>
/// <param name="Tests">The tests; empty when the file is not valid.</param>
/// <param name="Diagnostics">Errors, in the order of the text.</param>
public sealed record PolicyTestFile(ImmutableArray<PolicyTest> Tests, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>The policy that the file names, as it stands there; <c>null</c> when it names none, or is not valid.</summary>
    public static string? PolicyNamedBy(string yaml) => YamlReader.Read(yaml, new()) is YamlMap map ? NodeReader.Text(map.Find("policy")) : null;

    /// <summary>Reads <paramref name="yaml"/>, the tests of <paramref name="policy"/>. Never throws for what the text holds.</summary>
    public static PolicyTestFile Read(string yaml, CompiledPolicy policy)
    {
        var diagnostics = new Diagnostics();
        ImmutableArray<PolicyTest> tests = [];
        if (YamlReader.Read(yaml, diagnostics) is { } root)
        {
            new ShapeChecker(diagnostics).Check(root, Grammar.TestFile, "tests");
            tests = new PolicyTestReader(diagnostics, policy.Rules.Select(static rule => rule.Id)).Read((root as YamlMap)?.Find("tests"));
        }

        return new(diagnostics.HasErrors ? [] : tests, diagnostics.ToArray());
    }
}
