using System.Diagnostics;
using System.Globalization;
using McpShield.Policy.Evaluation;

namespace McpShield.Bench;

/// <summary>Ours and the hand-written matchers, turn by turn in one process: the ratio is taken round by round, so that a machine that slows down slows all of them.</summary>
internal static class DecisionRounds
{
    private static readonly int[] Sizes = [10, 100, 1_000, 10_000];
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(15);

    private sealed record Matchers(DecisionWorld World, HandWrittenIndex Index, HandWrittenIndex Known, HandWrittenList List);

    private readonly record struct Turns(double Ours, double Index, double Known, double List);

    public static void Run(int rounds)
    {
        var worlds = Sizes.ToDictionary(static size => size, static size => new Matchers(new(size), new(size, knowsArgument: false), new(size, knowsArgument: true), new(size)));
        Warm(worlds.Values.Select(static entry => (Action)(() => TakeTurns(entry, Place.Mixed, 3))));

        Console.WriteLine("| rules | matching | decision ns | bytes | by hand, every argument ns | ÷ that | by hand, one argument ns | ÷ that | by hand, rule after rule ns |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        var growth = new List<string>();
        foreach (var place in Enum.GetValues<Place>())
        {
            var results = Sizes.ToDictionary(static size => size, size => TakeTurns(worlds[size], place, rounds));
            foreach (var (size, result) in results)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {size} | {place} | {Median(result.Select(static turn => turn.Ours)):0} | {Bytes(worlds[size].World, place)} | {Median(result.Select(static turn => turn.Index)):0} | {Median(result.Select(static turn => turn.Ours / turn.Index)):0.00} | {Median(result.Select(static turn => turn.Known)):0} | {Median(result.Select(static turn => turn.Ours / turn.Known)):0.00} | {Median(result.Select(static turn => turn.List)):0} |"));
            }

            growth.Add(string.Create(CultureInfo.InvariantCulture, $"{place} {Growth(worlds, place, rounds):0.00}"));
        }

        Console.WriteLine($"\n10,000 rules ÷ 10 rules, turn by turn: {string.Join(", ", growth)}");
    }

    private static List<Turns> TakeTurns(Matchers entry, Place place, int rounds)
    {
        var calls = entry.World.Calls[place];
        var turns = new List<Turns>();
        for (var round = 0; round < rounds; round++)
        {
            turns.Add(new(Time(calls, call => Authorizer.Judge(entry.World.Policy, call).Outcome is Outcome.Allow), Time(calls, entry.Index.Allows), Time(calls, entry.Known.Allows), Time(calls, entry.List.Allows)));
        }

        return turns;
    }

    private static double Growth(Dictionary<int, Matchers> worlds, Place place, int rounds)
    {
        var ratios = new List<double>();
        for (var round = 0; round < rounds; round++) ratios.Add(Ours(10_000) / Ours(10));
        return Median(ratios);

        double Ours(int size) => Time(worlds[size].World.Calls[place], call => Authorizer.Judge(worlds[size].World.Policy, call).Outcome is Outcome.Allow);
    }

    private static double Time(ToolCall[] calls, Func<ToolCall, bool> decide)
    {
        var (done, allowed) = (0L, 0L);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Turn)
        {
            for (var i = 0; i < 1_024; i++) allowed += decide(calls[i % calls.Length]) ? 1 : 0;
            done += 1_024;
        }

        GC.KeepAlive(allowed);
        return watch.Elapsed.TotalNanoseconds / done;
    }

    private static long Bytes(DecisionWorld world, Place place)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var call in world.Calls[place]) Authorizer.Judge(world.Policy, call);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / world.Calls[place].Length;
    }

    // Long enough for the runtime to have compiled everything for good.
    private static void Warm(IEnumerable<Action> work)
    {
        var watch = Stopwatch.StartNew();
        var all = work.ToList();
        while (watch.Elapsed < TimeSpan.FromSeconds(3)) all.ForEach(static action => action());
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;
}
