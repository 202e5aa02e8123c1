using System.CommandLine;
using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;
using Spectre.Console;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy test FILE…</c></summary>
internal static class PolicyTestCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Policies with `tests:`, files of tests (NAME.test.yaml), or folders of them.", Arity = ArgumentArity.OneOrMore };
        var coverage = new Option<bool>("--coverage") { Description = "Also name every condition that no test saw true, or false." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new ExampledCommand(
            "test",
            "Run the tests of policies, and tell which rules they touch. Exit code 1 when a test fails, or there is none.",
            ["mcpshield policy test policy.yaml", "mcpshield policy test policies/ --coverage", "mcpshield policy test policy.test.yaml --json"])
        {
            files, coverage, json,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(files), parsed.GetValue(coverage), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, bool withConditions, bool json)
    {
        var suites = await PolicySuite.FindAsync(files);
        var runs = suites.OfType<PolicySuite>()
            .Select(static suite => new Run(suite, PolicyTestResult.Run(suite.Policy, suite.Tests.Select(static one => one.Test)), [.. PolicyCoverage.Of(suite.Policy, suite.Tests.Select(static one => one.Test))]))
            .ToList();
        if (json) await Console.Out.WriteLineAsync(Json(runs));
        else Show(runs, withConditions);

        var (tests, failed, broken) = (runs.Sum(static run => run.Results.Count), runs.Sum(static run => run.Failed), suites.Count(static suite => suite is null));
        if (tests == 0 && broken == 0) await Console.Error.WriteLineAsync("No tests: add `tests:` to the policy, or a file NAME.test.yaml beside it.");
        await Console.Error.WriteLineAsync($"{tests - failed} passed, {failed} failed{(broken == 0 ? "" : $", {broken} not valid")}");
        return tests > 0 && failed == 0 && broken == 0 ? ExitCodes.Done : ExitCodes.No;
    }

    private static void Show(List<Run> runs, bool withConditions)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 240;
        foreach (var run in runs)
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{run.Suite.Path}[/]");
            for (var i = 0; i < run.Results.Count; i++)
            {
                var (result, (file, test)) = (run.Results[i], run.Suite.Tests[i]);
                if (result.HasPassed)
                {
                    AnsiConsole.MarkupLineInterpolated($"  [green]passed[/]  {test.Name}");
                    continue;
                }

                AnsiConsole.MarkupLineInterpolated($"  [red]failed[/]  {test.Name} ({file}:{test.Line}:{test.Column})");
                AnsiConsole.MarkupLineInterpolated($"          expected {Describe(test.Expected)}");
                AnsiConsole.MarkupLineInterpolated($"          but got  {Describe(result.Decision)}");
                foreach (var detail in result.Decision.Details) AnsiConsole.MarkupLineInterpolated($"                   {detail.Pointer} {detail.Message}");
            }

            foreach (var rule in run.Coverage)
            {
                var missed = rule.Conditions.Where(static condition => condition is not { True: > 0, False: > 0 }).ToList();
                if (rule.Matched == 0) AnsiConsole.MarkupLineInterpolated($"  [yellow]rule[/]    {rule.Rule}: no test is decided by it");
                else AnsiConsole.MarkupLineInterpolated($"  rule    {rule.Rule}: decides {rule.Matched}, conditions seen both ways {rule.Conditions.Length - missed.Count} of {rule.Conditions.Length}");
                if (!withConditions) continue;
                foreach (var condition in missed) AnsiConsole.MarkupLineInterpolated($"            {condition.Label}: never {(condition.True == 0 ? condition.False == 0 ? "asked" : "true" : "false")}");
            }
        }
    }

    private static string Describe(Expectation expected) => string.Join(", ", new[]
    {
        expected.Outcome is { } outcome ? WireNames.Of(outcome) : null,
        expected.IsRuleGiven ? expected.Rule is { } rule ? $"rule {rule}" : "no rule" : null,
        expected.Reason is { } reason ? $"reason {WireNames.Of(reason)}" : null,
    }.Where(static part => part is not null));

    private static string Describe(Decision decision) => $"{WireNames.Of(decision.Outcome)}, {(decision.Rule is { } rule ? $"rule {rule}" : "no rule")}, reason {WireNames.Of(decision.Reason)}: {decision.Message}";

    private static string Json(List<Run> runs) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("passed", runs.Sum(static run => run.Results.Count - run.Failed));
        json.WriteNumber("failed", runs.Sum(static run => run.Failed));
        json.WriteStartArray("policies");
        foreach (var run in runs)
        {
            json.WriteStartObject();
            json.WriteString("policy", run.Suite.Path);
            json.WriteStartArray("tests");
            for (var i = 0; i < run.Results.Count; i++)
            {
                var (result, (file, test)) = (run.Results[i], run.Suite.Tests[i]);
                json.WriteStartObject();
                json.WriteString("name", test.Name);
                json.WriteString("file", file);
                json.WriteNumber("line", test.Line);
                json.WriteBoolean("passed", result.HasPassed);
                json.WriteString("decision", WireNames.Of(result.Decision.Outcome));
                json.WriteString("rule", result.Decision.Rule);
                json.WriteString("reason", WireNames.Of(result.Decision.Reason));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("coverage");
            foreach (var rule in run.Coverage)
            {
                json.WriteStartObject();
                json.WriteString("rule", rule.Rule);
                json.WriteNumber("matched", rule.Matched);
                json.WriteStartArray("conditions");
                foreach (var condition in rule.Conditions)
                {
                    json.WriteStartObject();
                    json.WriteString("condition", condition.Label);
                    json.WriteNumber("true", condition.True);
                    json.WriteNumber("false", condition.False);
                    json.WriteNumber("error", condition.Error);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private sealed record Run(PolicySuite Suite, IReadOnlyList<PolicyTestResult> Results, IReadOnlyList<RuleCoverage> Coverage)
    {
        public int Failed => Results.Count(static result => !result.HasPassed);
    }
}
