using System.Text;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>Deciding takes no memory where the arguments are written plainly, whatever the condition and the answer.</summary>
public sealed class AllocationTests
{
    private const string Arguments = """
        {"path":"/data/docs/reports/2026.md","filePath":"/data/docs/b.md","links":["https://api.example.com/v1?q=1","http://example.com:80"],
         "count":1250.50,"mode":"read","name":"Zoë","options":{"limit":10,"tags":["a","b"]}}
        """;

    private static readonly CallContext Context = new()
    {
        Principal = new() { Agent = "analyst-7", User = "ann", Key = "k1", Organization = "acme", Roles = ["reader", "dba"], Scopes = ["docs:read"] },
        Session = new() { Labels = new HashSet<string>(StringComparer.Ordinal) { "private_data" }, Calls = new Dictionary<string, int>(StringComparer.Ordinal) { ["fs.read"] = 2, ["web.get"] = 1 } },
        Time = new(2026, 11, 24, 10, 30, 0, TimeSpan.Zero),
        ClientIp = "10.1.2.3",
        Environment = "prod",
    };

    // Each holds of the call.
    public static TheoryData<string> Conditions =>
    [
        "path_prefix: [/srv, /data/docs]",
        "path_prefix: {params: [path, filePath], any_of: [/data]}",
        "path_extension: [csv, md]",
        "path_glob: ['/data/**/*.md']",
        "denied_path_glob: ['**/.env', '/data/private/**']",
        "allowed_domains: [example.com, '*.example.com']",
        "{domains: {params: [links], any_of: [example.com, api.example.com]}, allowed_schemes: [https, http], allowed_ports: [443, 80]}",
        "blocked_domains: ['*.evil.test', evil.test]",
        "parameters: {mode: {enum: [write, read]}, name: {const: 'Zoë', min_length: 3, max_length: 3}, count: {type: number, min: 0.5, max: 2e3}}",
        "parameters: {mode: {type: string, pattern: '[a-z]+'}, /options/limit: {type: integer, const: 10}, /options/tags: {max_items: 5}, /options/tags/1: {const: b}, secret: {forbidden: true}}",
        "{parameters: {path: {required: true}, filePath: {required: true}, links: {type: array}, count: {type: number}, mode: {type: string}, name: {type: string}, /options/limit: {min: 1}, /options/tags: {type: array}}, additional_parameters: deny}",
        "principal: {agents: ['analyst-*'], users: [ann], organizations: [acme], roles: [admin, dba], scopes: ['docs:read']}",
        "environment: [staging, prod]",
        "client_ip: [192.168.0.0/16, 10.0.0.0/8]",
        "time: {days: [mon, tue, wed, thu, fri], between: '09:00-18:00', tz: Europe/Paris}",
        "time: {between: '22:00-11:00'}",
        "session_labels: {none_of: [untrusted_content], any_of: [private_data, other], all_of: [private_data]}",
        "calls_in_session: {tool: 'fs.*', max: 3}",
        "max_argument_bytes: 1000",
        "all: [{path_prefix: /data}, {environment: prod}]",
        "any: [{path_prefix: /srv}, {environment: prod}]",
        "not: {path_prefix: /etc}",
    ];

    [Theory]
    [MemberData(nameof(Conditions))]
    public void An_allow_takes_no_memory(string condition) =>
        AssertNoMemory($"[{{id: allow, tool: fs.read, decision: allow, conditions: {Block(condition)}}}]", new(Outcome.Allow, "allow", Reason.Rule));

    [Theory]
    [MemberData(nameof(Conditions))]
    public void A_deny_by_a_rule_takes_no_memory(string condition) =>
        AssertNoMemory($"[{{id: deny, tool: 'fs.*', decision: deny, conditions: {Block(condition)}}}]", new(Outcome.Deny, "deny", Reason.Rule));

    [Theory]
    [MemberData(nameof(Conditions))]
    public void A_deny_by_default_takes_no_memory(string condition) =>
        AssertNoMemory($"[{{id: other, tool: '*', decision: allow, conditions: {{not: {Block(condition)}}}}}]", new(Outcome.Deny, null, Reason.Default));

    [Fact]
    public void A_decision_with_cached_sentences_takes_no_memory_when_it_simply_allows()
    {
        var policy = Load("[{id: docs, tool: fs.read, decision: allow, conditions: {path_prefix: /data/docs}}]");
        using var tree = Read();
        var call = new ToolCall("fs.read", tree.Root, Context);

        Assert.Equal(0, LeastMemory(() => Authorizer.Decide(policy, call)));
    }

    [Fact]
    public void A_name_beyond_those_remembered_is_decided_alike()
    {
        var policy = Load("[{id: own, tool: fs.t4999, decision: allow}, {id: rest, tool: 'fs.*', decision: deny}]");
        for (var i = 0; i < 5_000; i++)
        {
            Assert.Equal(i == 4_999 ? "own" : "rest", Authorizer.Judge(policy, new($"fs.t{i}", default, Context)).Rule);
        }
    }

    private static void AssertNoMemory(string rules, Verdict expected)
    {
        var policy = Load(rules);
        using var tree = Read();
        var call = new ToolCall("fs.read", tree.Root, Context);

        Assert.Equal(expected, Authorizer.Judge(policy, call));
        Assert.Equal(0, LeastMemory(() => Authorizer.Judge(policy, call)));
    }

    // The least of many rounds: code that the runtime has not optimised yet takes memory that the finished code does not.
    private static long LeastMemory<T>(Func<T> decide)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 2_000 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++) decide();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static string Block(string condition) => condition.StartsWith('{') ? condition : $"{{{condition}}}";

    private static CompiledPolicy Load(string rules)
    {
        var loaded = PolicyLoader.Load($"version: 1\nrules: {rules}\n");
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics));
        return loaded.Policy;
    }

    private static JsonTree Read()
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(Arguments), JsonLimits.Arguments, out var tree, out _));
        return tree!;
    }
}
