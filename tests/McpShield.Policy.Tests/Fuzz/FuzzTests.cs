using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace McpShield.Policy.Tests.Fuzz;

/// <summary>No text may crash, hang or surprise anything that reads texts.</summary>
/// <remarks>
/// Blind to coverage, but not to structure: texts of the conformance cases are changed by pieces that mean something. An input is made from
/// its number alone, so a finding is its number. Work is counted in bytes allocated, not in time: what allocates out of proportion to its input is a finding.
/// </remarks>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const long AllowedAtOnce = 64 * 1024 * 1024;
    private const long AllowedPerUnit = 64 * 1024;

    // Numbers of inputs: a few for every change, as many as are asked for where somebody has the time.
    private static readonly long First = Number("MCPSHIELD_FUZZ_FIRST", 0);
    private static readonly long Inputs = Number("MCPSHIELD_FUZZ_INPUTS", 20_000);

    [Fact]
    public void No_text_that_was_kept_finds_anything_again()
    {
        foreach (var (target, input, why) in FuzzSeeds.Kept)
        {
            var problem = Run(FuzzTargets.All.Single(one => one.Name == target).Check, input, out _);
            Assert.True(problem is null, $"{target}: {why}: {problem}");
        }
    }

    [Fact]
    public void No_text_crashes_hangs_or_surprises()
    {
        var found = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var work = new ConcurrentDictionary<string, (long Inputs, long Most)>(StringComparer.Ordinal);
        Parallel.For(First, First + Inputs, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, number =>
        {
            var (name, seeds, check) = FuzzTargets.All[(int)(number % FuzzTargets.All.Count)];
            var input = new FuzzMutator((uint)number).Text(seeds);
            var problem = Run(check, input, out var allocated);
            work.AddOrUpdate(name, (1, allocated), (_, sum) => (sum.Inputs + 1, Math.Max(sum.Most, allocated)));

            // One finding of a kind is enough, and the shortest input of it.
            if (problem is null) return;
            var kind = $"{name}: {problem.Split('\n')[0]}";
            var said = $"input {number}, {input.Length} units, {kind}\n{Shown(input)}\n{problem}";
            found.AddOrUpdate(kind, said, (_, before) => before.Length <= said.Length ? before : said);
        });

        foreach (var (name, (inputs, most)) in work.OrderBy(static one => one.Key, StringComparer.Ordinal)) output.WriteLine($"{name}: {inputs} inputs, at most {most / 1024} KiB allocated for one");
        Assert.True(found.IsEmpty, string.Join("\n\n", found.Values));
    }

    private static string? Run(Action<string> check, string input, out long allocated)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        string? problem = null;
        try
        {
            check(input);
        }
        catch (Exception failure)
        {
            problem = failure is FuzzFinding ? failure.Message : failure.ToString();
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return problem ?? (allocated > AllowedAtOnce + (AllowedPerUnit * input.Length) ? $"more work than its length warrants: {allocated} bytes" : null);
    }

    // As it would be kept: with everything that is not plain ASCII as its number.
    private static string Shown(string input)
    {
        var text = new StringBuilder();
        foreach (var unit in input.Length > 2_000 ? input[..2_000] : input)
        {
            if (unit is >= ' ' and < '\u007f') text.Append(unit);
            else text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }

        return text.ToString();
    }

    private static long Number(string variable, long usual) => long.Parse(Environment.GetEnvironmentVariable(variable) ?? usual.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
