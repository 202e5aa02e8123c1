using System.Collections.Immutable;
using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Cli;

/// <summary>A policy with the tests that are about it.</summary>
/// <param name="Path">The policy's file.</param>
/// <param name="Text">Its text.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Tests">Its tests, each with the file it stands in.</param>
internal sealed record PolicySuite(string Path, string Text, CompiledPolicy Policy, ImmutableArray<(string File, PolicyTest Test)> Tests)
{
    private const string Ending = ".test.yaml";

    /// <summary>The suites of files and folders: policies with the tests inside them and in <c>*.test.yaml</c> beside them. <c>null</c> stands for one that is not valid; it was said why.</summary>
    public static async Task<IReadOnlyList<PolicySuite?>> FindAsync(IEnumerable<string> paths)
    {
        var byPolicy = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var file in paths.SelectMany(Files))
        {
            var isTest = file.EndsWith(Ending, StringComparison.Ordinal);
            var policy = isTest ? PolicyOf(file) : file;
            if (!byPolicy.TryGetValue(policy, out var tests)) byPolicy[policy] = tests = new(StringComparer.Ordinal);
            if (isTest) tests.Add(file);
            else if (System.IO.Path.ChangeExtension(file, null) + Ending is var beside && File.Exists(beside)) tests.Add(beside);
        }

        var suites = new List<PolicySuite?>();
        foreach (var (policy, tests) in byPolicy) suites.Add(await LoadAsync(policy, tests));
        return suites;
    }

    private static async Task<PolicySuite?> LoadAsync(string path, IEnumerable<string> testFiles)
    {
        var text = PolicyFiles.Read(path);
        var loaded = PolicyLoader.Load(text);
        foreach (var diagnostic in loaded.Diagnostics) await Console.Error.WriteLineAsync(PolicyFiles.Show(path, diagnostic));
        if (loaded.Policy is not { } policy) return null;

        var tests = policy.Tests.Select(test => (path, test)).ToImmutableArray().ToBuilder();
        foreach (var file in testFiles)
        {
            var read = PolicyTestFile.Read(PolicyFiles.Read(file), policy);
            foreach (var diagnostic in read.Diagnostics) await Console.Error.WriteLineAsync(PolicyFiles.Show(file, diagnostic));
            if (!read.Diagnostics.IsEmpty) return null;
            tests.AddRange(read.Tests.Select(test => (file, test)));
        }

        return new(path, text, policy, tests.ToImmutable());
    }

    // In a folder only what has tests is meant; a file that is named is meant whatever it holds.
    private static IEnumerable<string> Files(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : [path];

    private static string PolicyOf(string testFile) => PolicyTestFile.PolicyNamedBy(PolicyFiles.Read(testFile)) is { } named
        ? System.IO.Path.Combine(System.IO.Path.GetDirectoryName(testFile) ?? "", named)
        : testFile[..^Ending.Length] + ".yaml";
}
