using System.Collections.Immutable;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis;

/// <summary>A change of a policy that its tests should notice.</summary>
/// <param name="What">A sentence: lower case, no final stop.</param>
/// <param name="Line">Where the change was made.</param>
/// <param name="Column">Where the change was made.</param>
/// <param name="IsKilled">Whether a test noticed.</param>
public sealed record Mutant(string What, int Line, int Column, bool IsKilled);

/// <summary>Changes a policy in small ways that open it, and asks its tests whether they notice.</summary>
public static class PolicyMutation
{
    /// <summary>No policy gets more changes than these; what is beyond is not tried.</summary>
    public const int MaxMutants = 2_000;

    /// <summary>Runs <paramref name="tests"/> on every changed form of <paramref name="yaml"/>. Tests that fail on the policy as it stands are left out.</summary>
    public static ImmutableArray<Mutant> Run(string yaml, IEnumerable<PolicyTest> tests)
    {
        if (YamlReader.Read(yaml, new()) is not YamlMap root || PolicyLoader.Load(yaml).Policy is not { } original) return [];
        var passing = PolicyTestResult.Run(original, tests).Where(static result => result.HasPassed).Select(static result => result.Test).ToList();
        var mutants = ImmutableArray.CreateBuilder<Mutant>();
        foreach (var (what, at, changed) in PolicyMutator.Mutants(root).Take(MaxMutants))
        {
            // A change that no longer loads would be noticed by whoever loads it.
            if (Load(changed) is not { } policy) continue;
            mutants.Add(new(what, at.Line, at.Column, PolicyTestResult.Run(policy, passing).Any(static result => !result.HasPassed)));
        }

        return mutants.ToImmutable();
    }

    private static CompiledPolicy? Load(YamlMap changed)
    {
        var diagnostics = new Diagnostics();
        var tested = new YamlMap([.. changed.Entries.Where(static entry => entry.Key.Text is not ("tests" or "assertions"))], changed.Line, changed.Column);
        var policy = new PolicyReader(diagnostics).Read(tested, "mutant");
        return diagnostics.HasErrors ? null : policy;
    }
}
