using System.Globalization;
using System.Text;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Bench;

/// <summary>Which rule of a policy a call is for.</summary>
public enum Place
{
    First,
    Middle,
    Last,

    /// <summary>No rule: the default decides.</summary>
    None,

    /// <summary>Any of them and none, in an order without pattern.</summary>
    Mixed,
}

/// <summary>A policy of so many rules, one tool and one folder each, and the calls it is asked about: the same for us, for the hand-written matchers and for the peers.</summary>
public sealed class DecisionWorld : IDisposable
{
    private const int MixedCalls = 1_024;

    private readonly List<JsonTree> trees = [];

    public DecisionWorld(int rules)
    {
        Text = PolicyText(rules);
        Policy = PolicyLoader.Load(Text).Policy!;
        Calls = new Dictionary<Place, ToolCall[]>
        {
            [Place.First] = [Call(0)],
            [Place.Middle] = [Call(rules / 2)],
            [Place.Last] = [Call(rules - 1)],
            [Place.None] = [Call(rules)],
            [Place.Mixed] = [.. Enumerable.Range(0, MixedCalls).Select(at => Call((int)(at * 7_919L * 104_729 % (rules + (rules / 10)))))],
        };
    }

    public string Text { get; }

    public CompiledPolicy Policy { get; }

    public IReadOnlyDictionary<Place, ToolCall[]> Calls { get; }

    // Every third rule is for all tools of its server, every tenth for a pattern with a star in the middle.
    public static string Pattern(int rule) => rule % 10 == 9 ? $"server{rule}.read_*_file" : rule % 3 == 2 ? $"server{rule}.*" : $"server{rule}.read_text_file";

    public void Dispose() => trees.ForEach(static tree => tree.Dispose());

    private static string PolicyText(int rules)
    {
        var text = new StringBuilder("version: 1\ndefault: deny\nrules:\n");
        for (var i = 0; i < rules; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {{tool: '{Pattern(i)}', decision: allow, conditions: {{path_prefix: /data/team{i} }} }}\n");
        }

        return text.ToString();
    }

    private ToolCall Call(int rule)
    {
        var arguments = Encoding.UTF8.GetBytes($$"""{"path":"/data/team{{rule}}/reports/2026/november.md","encoding":"utf-8","limit":100}""");
        JsonTree.TryRead(arguments, JsonLimits.Arguments, out var tree, out _);
        trees.Add(tree!);
        return new($"server{rule}.read_text_file", tree!.Root, CallContext.Empty);
    }
}
