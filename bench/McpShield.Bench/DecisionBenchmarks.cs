using System.Text;
using BenchmarkDotNet.Attributes;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Bench;

/// <summary>One decision, beside the same policy written by hand.</summary>
[MemoryDiagnoser]
[InProcess]
[IterationTime(100), WarmupCount(3), IterationCount(5)]
public class DecisionBenchmarks
{
    private DecisionWorld world = null!;
    private HandWrittenIndex index = null!;
    private HandWrittenList list = null!;
    private ToolCall call = null!;

    [Params(10, 100, 1_000, 10_000)]
    public int Rules { get; set; }

    [Params(Place.First, Place.Middle, Place.Last, Place.None)]
    public Place Place { get; set; }

    /// <summary>The policy of the gateway's load test.</summary>
    public static CompiledPolicy Policy(int rules)
    {
        var text = new StringBuilder("version: 1\ndefault: deny\nrules:\n");
        for (var i = 1; i < rules; i++) text.Append("  - {id: other-").Append(i).Append(", tool: \"server").Append(i).AppendLine(".*\", decision: allow, conditions: {path_prefix: /data}}");
        text.AppendLine("  - {id: docs, tool: [fs.read_file, rec.echo], decision: allow, conditions: {any: [{path_prefix: /data/docs}, {parameters: {text: {max_length: 100}}}]}}");
        return PolicyLoader.Load(text.ToString()).Policy!;
    }

    [GlobalSetup]
    public void Setup()
    {
        (world, index, list) = (new(Rules), new(Rules, knowsArgument: false), new(Rules));
        call = world.Calls[Place][0];
    }

    [GlobalCleanup]
    public void Cleanup() => world.Dispose();

    [Benchmark]
    public Verdict Judge() => Authorizer.Judge(world.Policy, call);

    [Benchmark]
    public Decision Decide() => Authorizer.Decide(world.Policy, call);

    [Benchmark(Baseline = true)]
    public bool Index() => index.Allows(call);

    [Benchmark]
    public bool List() => list.Allows(call);
}

/// <summary>The strict read that comes before a decision.</summary>
[MemoryDiagnoser]
[InProcess]
[IterationTime(100), WarmupCount(3), IterationCount(5)]
public class ReadBenchmarks
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"fs__read_file","arguments":{"path":"/data/docs/reports/2026/november.md","encoding":"utf-8","limit":100}}}""");

    [Benchmark]
    public int Read()
    {
        JsonTree.TryRead(Message, JsonLimits.Message, out var read, out _);
        using (read) return read!.NodeCount;
    }
}
