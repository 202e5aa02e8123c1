using System.Diagnostics;
using System.Reflection;

namespace McpShield.Mutate;

/// <summary>Runs tests by their names in this process, again and again, each time with another mutant awake.</summary>
internal sealed class TestHost
{
    // The first that fails ends it. What depends on the mutants only by chance is not asked.
    private static readonly string[] Classes =
    [
        "Conformance.ConformanceTests", "Conditions.LogicAndNumberLawTests", "Limits.RateLimitTests", "Evaluation.DifferentialTests", "Language.LoaderTests", "Evaluation.LawTests",
        "Conditions.UrlLawTests", "Conditions.PathLawTests", "Conditions.PlainLawTests", "Schemas.InputSchemaTests", "Analysis.LintTests", "Analysis.DiffTests",
    ];

    private readonly List<(string Name, Action Run)> tests = [];
    private readonly FieldInfo active;

    public TestHost()
    {
        active = Assembly.Load("McpShield.Policy").GetType("McpShield.Policy.MutantSwitch", throwOnError: true)!.GetField("Active")!;
        var assembly = Assembly.Load("McpShield.Policy.Tests");
        foreach (var name in Classes) Add(assembly.GetType($"McpShield.Policy.Tests.{name}", throwOnError: true)!);
    }

    /// <summary>Asks every test with no mutant awake, and puts the quickest first. The name of one that fails, or <c>null</c>.</summary>
    public string? Prepare()
    {
        var times = new Dictionary<Action, TimeSpan>();
        foreach (var (name, run) in tests)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                run();
            }
            catch (Exception)
            {
                return name;
            }

            times[run] = Stopwatch.GetElapsedTime(start);
        }

        tests.Sort((left, right) => times[left.Run].CompareTo(times[right.Run]));
        foreach (var (name, run) in tests) Console.Error.WriteLine($"{times[run].TotalMilliseconds:0} ms {name}");
        return null;
    }

    /// <summary>The name of the first test that fails with the mutant awake; <c>null</c>: none.</summary>
    public string? FirstFailure(int mutant)
    {
        active.SetValue(null, mutant);
        foreach (var (name, run) in tests)
        {
            try
            {
                run();
            }
            catch (Exception)
            {
                return name;
            }
        }

        return null;
    }

    private void Add(Type type)
    {
        foreach (var method in type.GetMethods().Where(static method => Has(method, "FactAttribute") || Has(method, "TheoryAttribute")))
        {
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
