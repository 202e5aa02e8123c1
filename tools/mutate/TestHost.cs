using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace McpShield.Mutate;

/// <summary>Runs tests by their names in this process, again and again, each time with another mutant awake.</summary>
internal sealed class TestHost
{
    private const int Asleep = 0;
    private const int NotingDown = -1;

    // In time of the processor, so that a busy machine does not look like a loop without end.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int TimesLonger = 10;

    // What depends on the mutants only by chance is not asked.
    private static readonly string[] Classes =
    [
        "Conformance.ConformanceTests", "Conditions.LogicAndNumberLawTests", "Limits.RateLimitTests", "Evaluation.DifferentialTests", "Language.LoaderTests", "Evaluation.LawTests", "Evaluation.CallTextTests", "Evaluation.DecisionTests", "Conditions.ArgumentSelectorTests",
        "Conditions.UrlLawTests", "Conditions.PathLawTests", "Conditions.PlainLawTests", "Schemas.InputSchemaTests", "Analysis.LintTests", "Analysis.PolicyTestTests",
        "Asking.ServerRequestTests",
    ];

    // These ask for long what others ask quickly.
    private static readonly string[] Slow = ["No_text_brings_the_loader_down", "An_exponent_of_a_million_digits_lies_beyond_every_number_of_a_policy"];

    private readonly List<(string Name, Action Run)> tests = [];
    private readonly FieldInfo active;
    private readonly bool[] passed;
    private readonly TextWriter answers = Console.Out;
    private readonly string notes = Path.Combine(AppContext.BaseDirectory, "survey.json");
    private Survey survey = new([], []);
    private int latest = -1;

    // What runs now, for the watch.
    private (int Test, TimeSpan Until) running = (-1, TimeSpan.MaxValue);

    public TestHost()
    {
        Console.SetOut(TextWriter.Null);
        var mutantSwitch = Assembly.Load("McpShield.Policy").GetType("McpShield.Policy.MutantSwitch", throwOnError: true)!;
        active = mutantSwitch.GetField("Active")!;
        passed = (bool[])mutantSwitch.GetField("Passed")!.GetValue(null)!;
        var assembly = Assembly.Load("McpShield.Policy.Tests");
        AddCases(assembly.GetType("McpShield.Policy.Tests.Conformance.ConformanceTests", throwOnError: true)!);
        foreach (var name in Classes) Add(assembly.GetType($"McpShield.Policy.Tests.{name}", throwOnError: true)!);
    }

    /// <summary>Asks every test twice with no mutant awake, and writes down what it passes.</summary>
    public void TakeSurvey()
    {
        var (asked, first, second) = (new List<Asked>(), new HashSet<int>(), new HashSet<int>());
        active.SetValue(null, NotingDown);
        foreach (var round in new[] { first, second })
        {
            for (var i = 0; i < tests.Count; i++)
            {
                Array.Clear(passed);
                var start = Used();
                if (Failure(tests[i].Run) is { } failure)
                {
                    answers.WriteLine($"failing: {tests[i].Name}: {failure.ReplaceLineEndings(" ")}");
                    return;
                }

                var passes = Enumerable.Range(0, passed.Length).Where(number => passed[number]).ToHashSet();
                round.UnionWith(passes);
                if (round == first) asked.Add(new(tests[i].Name, 0, passes));
                else asked[i] = asked[i] with { Milliseconds = (Used() - start).TotalMilliseconds, Passes = [.. asked[i].Passes, .. passes] };
            }
        }

        first.ExceptWith(second);
        File.WriteAllText(notes, JsonSerializer.Serialize(new Survey(asked, first), SurveyJson.Default.Survey));
        answers.WriteLine("ready");
    }

    public void Answer(Func<string?> next)
    {
        survey = JsonSerializer.Deserialize(File.ReadAllText(notes), SurveyJson.Default.Survey)!;
        new Thread(Watch) { IsBackground = true }.Start();
        while (next() is { } line) answers.WriteLine(Ask(int.Parse(line, System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>Asks every test about a mutant that was awake before any of the library ran.</summary>
    public void AnswerFresh(int mutant)
    {
        active.SetValue(null, mutant);
        survey = JsonSerializer.Deserialize(File.ReadAllText(notes), SurveyJson.Default.Survey)!;
        new Thread(Watch) { IsBackground = true }.Start();
        foreach (var i in Enumerable.Range(0, tests.Count).OrderBy(i => survey.Tests[i].Milliseconds))
        {
            if (!Fails(i)) continue;
            answers.WriteLine($"killed\t{tests[i].Name}\toff");
            return;
        }

        answers.WriteLine("survived\t\toff");
    }

    private string Ask(int mutant)
    {
        if (survey.Once.Contains(mutant)) return "fresh\t\ton";
        var asked = Enumerable.Range(0, tests.Count).Where(i => survey.Tests[i].Passes.Contains(mutant)).OrderBy(i => i == latest ? -1 : survey.Tests[i].Milliseconds).ToList();
        if (asked.Count == 0) return "survived\tno test passes it\ton";
        foreach (var i in asked)
        {
            active.SetValue(null, mutant);
            if (!Fails(i)) continue;
            latest = i;

            // What the mutant left behind must not be blamed on the next.
            active.SetValue(null, Asleep);
            return $"killed\t{tests[i].Name}\t{(Fails(i) ? "off" : "on")}";
        }

        return $"survived\t{asked.Count} tests\ton";
    }

    private bool Fails(int test)
    {
        running = (test, Used() + Patience + TimeSpan.FromMilliseconds(survey.Tests[test].Milliseconds * TimesLonger));
        var fails = Failure(tests[test].Run) is not null;
        running = (-1, TimeSpan.MaxValue);
        return fails;
    }

    private static string? Failure(Action run)
    {
        try
        {
            run();
            return null;
        }
        catch (Exception e)
        {
            return (e is TargetInvocationException { InnerException: { } inner } ? inner : e).Message;
        }
    }

    private void Watch()
    {
        while (true)
        {
            Thread.Sleep(200);
            var (test, until) = running;
            if (test < 0 || Used() < until) continue;
            answers.WriteLine($"timed-out\t{tests[test].Name}\toff");
            answers.Flush();
            Process.GetCurrentProcess().Kill();
        }
    }

    private static TimeSpan Used() => Environment.CpuUsage.TotalTime;

    // The cases one by one: one is enough to notice most mutants, and all of them take long.
    private void AddCases(Type type)
    {
        var wrong = type.GetMethod("Wrong", BindingFlags.Public | BindingFlags.Static)!;
        foreach (var one in (System.Collections.IEnumerable)type.GetMethod("Cases")!.Invoke(null, null)!)
        {
            tests.Add((one.ToString()!.Split(':')[0], () =>
            {
                if (wrong.Invoke(null, [one]) is string why) throw new InvalidOperationException(why);
            }));
        }
    }

    private void Add(Type type)
    {
        foreach (var method in type.GetMethods().Where(static method => Has(method, "FactAttribute") || Has(method, "TheoryAttribute")))
        {
            if (method.Name is "Every_case_comes_out_as_written" or "Every_case_is_explained_as_approved" || Slow.Contains(method.Name)) continue;
            var data = method.GetCustomAttributes().Where(static one => one.GetType().Name is "InlineDataAttribute" or "MemberDataAttribute").ToList();
            if (data.Count == 0) tests.Add(($"{type.Name}.{method.Name}", () => Run(type, method, [])));
            foreach (var row in data.SelectMany(one => Rows(type, one))) tests.Add(($"{type.Name}.{method.Name}", () => Run(type, method, row)));
        }
    }

    private static bool Has(MethodInfo method, string attribute) => method.GetCustomAttributes().Any(one => one.GetType().Name == attribute);

    private static IEnumerable<object?[]> Rows(Type type, Attribute data)
    {
        if (data.GetType().Name == "InlineDataAttribute") return [(object?[])data.GetType().GetProperty("Data")!.GetValue(data)!];
        var name = (string)data.GetType().GetProperty("MemberName")!.GetValue(data)!;
        var rows = (System.Collections.IEnumerable)type.GetProperty(name, BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
        return rows.Cast<object>().Select(static row => row as object?[] ?? (object?[])row.GetType().GetInterfaces().First(static one => one.Name == "ITheoryDataRow").GetMethod("GetData")!.Invoke(row, null)!);
    }

    private static void Run(Type type, MethodInfo method, object?[] arguments)
    {
        var given = type.GetConstructors()[0].GetParameters().Select(static parameter => DispatchProxy.Create(parameter.ParameterType, typeof(Silence))).ToArray();
        if (method.Invoke(Activator.CreateInstance(type, given), arguments) is Task task) task.GetAwaiter().GetResult();
    }

    /// <summary>Takes the place of whatever a test writes to.</summary>
#pragma warning disable CA1852 // a proxy derives from it while the program runs
    internal class Silence : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
    }
#pragma warning restore CA1852
}
