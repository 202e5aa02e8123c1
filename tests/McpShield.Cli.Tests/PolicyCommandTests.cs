using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Testing;

namespace McpShield.Cli.Tests;

/// <summary><c>mcpshield policy …</c>, as the shell sees it.</summary>
public sealed class PolicyCommandTests : IDisposable
{
    private const string Docs = """
        version: 1
        default: deny
        rules:
          - id: read-docs
            tool: fs.read_file
            decision: allow
            conditions: {path_prefix: /data/docs}
          - id: office-hours
            tool: ops.restart
            decision: allow
            conditions: {time: {between: "09:00-17:00", tz: Europe/Paris}}
        """;

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Samples
    {
        get
        {
            using var document = JsonDocument.Parse(File.ReadAllText(SampleFile));
            return [.. document.RootElement.GetProperty("policies").EnumerateObject().Select(static policy => policy.Name)];
        }
    }

    private static string SampleFile => Path.Combine(AppContext.BaseDirectory, "Conformance", "samples.json");

    public void Dispose() => folder.Dispose();

    /// <summary>The form that machines use: one line in, one line out, in order.</summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Every_sample_case_comes_out_as_written_when_asked_in_lines(string policy)
    {
        var samples = JsonNode.Parse(await File.ReadAllTextAsync(SampleFile, Ct))!;
        var cases = samples["cases"]!.AsArray().Where(one => (string?)one!["policy"] == policy).ToList();
        var file = folder.Write("policy.yaml", (string)samples["policies"]![policy]!);
        var requests = folder.Write("calls.jsonl", string.Join('\n', cases.Select(static one => one!["call"]!.ToJsonString())));

        var ended = await RunAsync("policy", "eval", file, "--requests", requests, "--json");

        Assert.True(ended.ExitCode == 0, ended.Errors);
        var answers = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(cases.Select(static one => $"{one!["id"]} {one["expect"]} {one["rule"]}"), cases.Zip(answers, static (one, answer) => $"{one!["id"]} {answer["decision"]} {answer["rule"] ?? answer["reason"]}"));
    }

    [Fact]
    public async Task A_valid_policy_is_said_to_be_valid()
    {
        var file = folder.Write("policy.yaml", Docs);

        var ended = await RunAsync("policy", "validate", file);

        Assert.Equal((0, $"{file}: valid, 2 rules\n"), (ended.ExitCode, ended.Errors));
    }

    [Fact]
    public async Task A_broken_policy_names_every_place_and_exits_with_1()
    {
        var file = folder.Write("policy.yaml", "version: 1\ndefault: maybe\nrules:\n  - {tool: fs.read, decision: alow}\n  - {tool: fs.read, decison: allow}\n");

        var ended = await RunAsync("policy", "validate", file);
        var machine = await RunAsync("policy", "validate", file, "--json");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains($"{file}:2:10: error: ", ended.Output, StringComparison.Ordinal);
        Assert.Contains($"{file}:4:31: error: ", ended.Output, StringComparison.Ordinal);
        Assert.Contains($"{file}:5:21: error: ", ended.Output, StringComparison.Ordinal);
        var json = JsonNode.Parse(machine.Output)!;
        Assert.False((bool)json["valid"]!);
        Assert.Contains(json["diagnostics"]!.AsArray(), static one => (int)one!["line"]! == 4 && (int)one["column"]! == 31);
    }

    [Theory]
    [InlineData(0, "allow", "/data/docs/a.md")]
    [InlineData(1, "deny", "/data/docs/../secret")]
    public async Task One_call_is_decided_and_explained(int exitCode, string decision, string path)
    {
        var file = folder.Write("policy.yaml", Docs);

        var people = await RunAsync("policy", "eval", file, "--tool", "fs.read_file", "--args", $$"""{"path":"{{path}}"}""");
        var machine = await RunAsync("policy", "eval", file, "--tool", "fs.read_file", "--args", $$"""{"path":"{{path}}"}""", "--json");

        Assert.Equal((exitCode, exitCode), (people.ExitCode, machine.ExitCode));
        Assert.StartsWith(decision.ToUpperInvariant(), people.Output, StringComparison.Ordinal);
        var json = JsonNode.Parse(machine.Output)!;
        Assert.Equal(decision, (string?)json["decision"]);
        Assert.Equal(decision == "allow" ? "read-docs" : null, (string?)json["rule"]);
        Assert.Equal(decision == "allow" ? "rule" : "default", (string?)json["reason"]);
        Assert.Equal("path_prefix", (string?)json["trace"]![0]!["conditions"]![0]!["condition"]);
        if (decision == "deny") Assert.Equal(("outside_prefix", "/path"), ((string?)json["details"]![0]!["code"], (string?)json["details"]![0]!["pointer"]));
    }

    [Theory]
    [InlineData(0, "2026-11-24T10:00:00Z")]
    [InlineData(1, "2026-11-24T18:00:00Z")]
    public async Task The_context_of_a_single_call_can_be_given(int exitCode, string time)
    {
        var file = folder.Write("policy.yaml", Docs);

        var ended = await RunAsync("policy", "eval", file, "--tool", "ops.restart", "--context", $$"""{"time":"{{time}}"}""");

        Assert.Equal(exitCode, ended.ExitCode);
    }

    [Fact]
    public async Task Arguments_that_are_not_acceptable_are_denied_as_the_gateway_would()
    {
        var file = folder.Write("policy.yaml", "version: 1\ndefault: allow\nrules: []\n");

        var ended = await RunAsync("policy", "eval", file, "--tool", "fs.read_file", "--args", """{"path":"/a","path":"/b"}""", "--json");

        Assert.Equal("invalid_request", (string?)JsonNode.Parse(ended.Output)!["reason"]);
    }

    [Fact]
    public async Task Lines_share_rate_limits_by_each_lines_time()
    {
        var file = folder.Write("policy.yaml", "version: 1\nrules:\n  - {id: few, tool: a.b, decision: allow, rate_limit: {limit: 2/60s}}\n");
        string[] times = ["2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z", "2026-11-24T10:00:10Z", "2026-11-24T10:00:30Z"];
        var calls = folder.Write("calls.jsonl", string.Join('\n', times.Select(static time => $$$"""{"tool":"a.b","time":"{{{time}}}","principal":{"key":"k"}}""")));

        var ended = await RunAsync("policy", "eval", file, "--requests", calls, "--json");

        var answers = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["rule", "rule", "rate_limited", "rule"], answers.Select(static one => (string?)one["reason"]));
        Assert.Equal(("deny", "few"), ((string?)answers[2]["decision"], (string?)answers[2]["rule"]));
    }

    [Theory]
    [InlineData("this is not JSON")]
    [InlineData("""{"tool":"fs.read_file","argments":{}}""")]
    [InlineData("""{"arguments":{}}""")]
    [InlineData("""{"tool":"fs.read_file","arguments":{"path":"/a","Path":"/b"}}""")]
    [InlineData("""{"tool":"fs.read_file","arguments":{},"arguments_json":"{}"}""")]
    [InlineData("[]")]
    public async Task A_line_that_is_no_valid_call_is_denied_and_the_others_keep_their_place(string line)
    {
        var file = folder.Write("policy.yaml", "version: 1\ndefault: allow\nrules: []\n");
        var calls = folder.Write("calls.jsonl", $$"""{"tool":"a.b"}""" + $"\n{line}\n" + """{"tool":"a.c"}""");

        var ended = await RunAsync("policy", "eval", file, "--requests", calls, "--json");

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(["default", "invalid_request", "default"], ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static answer => (string?)JsonNode.Parse(answer)!["reason"]));
    }

    [Theory]
    [InlineData(2, "name either --tool or --requests", "policy eval POLICY")]
    [InlineData(2, "name either --tool or --requests", "policy eval POLICY --tool a --requests b")]
    [InlineData(3, "there is no such file", "policy eval nowhere.yaml --tool a")]
    [InlineData(3, "there is no such file", "policy validate nowhere.yaml")]
    [InlineData(2, "Required argument 'FILE' missing", "policy validate")]
    [InlineData(2, "'polcy'", "polcy")]
    [InlineData(3, "there is no audit log in", "audits list --data /nowhere/at/all")]
    [InlineData(3, "there is no audit file", "audits list --file /nowhere/at/all")]
    [InlineData(2, "--limit is 1 to 200", "audits list --limit 0")]
    [InlineData(2, "is not an address to listen on", "up --api-url localhost")]
    public async Task Wrong_usage_is_one_message_and_the_right_exit_code(int exitCode, string message, string line)
    {
        var policy = folder.Write("policy.yaml", Docs);
        var words = line.Split(' ').Select(word => word is "POLICY" ? policy : word);

        var ended = await RunAsync([.. words]);

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Contains(message, ended.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(ended.Output);
    }

    private static Task<Ended> RunAsync(params string[] words) => RunningProgram.RunAsync(Checkout.Program, words, Ct);
    [Fact]
    public async Task Formatting_names_what_would_change_then_changes_it_and_leaves_broken_files_alone()
    {
        var (odd, broken) = (folder.Write("odd.yaml", "rules: []\nversion:   1\n"), folder.Write("broken.yaml", "a: [\n"));

        var check = await RunAsync("policy", "fmt", "--check", odd);
        Assert.Equal((1, $"{odd}\n"), (check.ExitCode, check.Output));
        Assert.Equal(0, (await RunAsync("policy", "fmt", odd)).ExitCode);
        Assert.Equal("version: 1\nrules: []\n", await File.ReadAllTextAsync(odd, Ct));
        Assert.Equal(0, (await RunAsync("policy", "fmt", "--check", odd)).ExitCode);
        Assert.Equal(1, (await RunAsync("policy", "fmt", broken)).ExitCode);
        Assert.Equal("a: [\n", await File.ReadAllTextAsync(broken, Ct));
    }

    [Fact]
    public async Task A_starter_is_not_written_over_a_file_unless_forced()
    {
        var file = folder.Write("policy.yaml", "mine");

        var refused = await RunAsync("policy", "init", "--output", file);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--force", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(file, Ct));
        Assert.Equal(0, (await RunAsync("policy", "init", "--output", file, "--force")).ExitCode);
        Assert.Equal(0, (await RunAsync("policy", "test", file)).ExitCode);
    }

    [Fact]
    public async Task A_change_that_lets_more_through_is_shown_with_a_call_and_answered_with_no()
    {
        const string Text = "version: 1\nrules:\n  - {id: read, tool: fs.read, decision: allow, conditions: {path_prefix: /data/docs}}\n";
        var (old, wider) = (folder.Write("old.yaml", Text), folder.Write("wider.yaml", Text.Replace("/data/docs", "/data", StringComparison.Ordinal)));
        var calls = folder.Write("calls.jsonl", "{\"tool\":\"fs.read\",\"arguments\":{\"path\":\"/data/x\"}}\n");

        var more = await RunAsync("policy", "diff", old, wider, "--against", calls);
        var less = await RunAsync("policy", "diff", wider, old, "--json");

        Assert.Equal(1, more.ExitCode);
        Assert.Contains("MORE PERMISSIVE", more.Output, StringComparison.Ordinal);
        Assert.Contains("was deny (no rule), becomes allow (rule read)", more.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 1 recorded calls", more.Output, StringComparison.Ordinal);
        Assert.Equal(0, less.ExitCode);
        Assert.Contains("\"change\":\"stricter\",\"proved\":true", less.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_lint_and_mutation_answer_with_their_exit_codes()
    {
        const string Rules = "version: 1\nrules:\n  - {id: all, tool: '*', decision: allow}\n";
        var weak = folder.Write("weak.yaml", Rules + "tests: [{name: any, call: {tool: a.b}, expect: {decision: allow}}]\n");
        var failing = folder.Write("failing.yaml", Rules + "tests: [{name: any, call: {tool: a.b}, expect: {decision: deny}}]\n");

        var failed = await RunAsync("policy", "test", failing);
        var mutated = await RunAsync("policy", "mutate", weak);
        var linted = await RunAsync("policy", "lint", weak);

        Assert.Equal((0, 1, 1, 1), ((await RunAsync("policy", "test", weak, "--json")).ExitCode, failed.ExitCode, mutated.ExitCode, linted.ExitCode));
        Assert.Contains("expected deny", failed.Output, StringComparison.Ordinal);
        Assert.Contains("no test notices when the default is allow", mutated.Output, StringComparison.Ordinal);
        Assert.Contains("allow-everything", linted.Output, StringComparison.Ordinal);
    }
}
