using System.Text;
using BenchmarkDotNet.Attributes;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Bench;

/// <summary>One decision, and the strict read that comes before it.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class DecisionBenchmarks
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"fs__read_file","arguments":{"path":"/data/docs/reports/2026/november.md","encoding":"utf-8","limit":100}}}""");

    private CompiledPolicy policy = null!;
    private JsonTree tree = null!;
    private ToolCall call = null!;

    [Params(10, 100, 1_000)]
    public int Rules { get; set; }

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
        policy = Policy(Rules);
        JsonTree.TryRead(Message, JsonLimits.Message, out var read, out _);
        tree = read!;
        call = new("fs.read_file", tree.Root["params"u8]["arguments"u8], CallContext.Empty);
    }

    [GlobalCleanup]
    public void Cleanup() => tree.Dispose();

    [Benchmark]
    public Decision Decide() => Authorizer.Decide(policy, call);

    [Benchmark]
    public int Read()
    {
        JsonTree.TryRead(Message, JsonLimits.Message, out var read, out _);
        using (read) return read!.NodeCount;
    }
}
