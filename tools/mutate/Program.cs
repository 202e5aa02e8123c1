using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using McpShield.Mutate;

// mutate CHECKOUT OUTPUT [FOLDER …] [--survivors-of=mutants.json]: which changes of the library does no test notice? The tests must have been built (Release).
// The other forms ask the tests: --survey once with no mutant awake, --host the number of a mutant a line, --fresh one mutant from the start.
switch (args)
{
    case ["--survey"]:
        new TestHost().TakeSurvey();
        return 0;
    case ["--host"]:
        new TestHost().Answer(Console.ReadLine);
        return 0;
    case ["--fresh", var fresh]:
        new TestHost().AnswerFresh(int.Parse(fresh, CultureInfo.InvariantCulture));
        return 0;
}

var (checkout, output) = (args[0], args[1]);
var earlier = args.FirstOrDefault(static arg => arg.StartsWith("--survivors-of=", StringComparison.Ordinal))?["--survivors-of=".Length..];
string[] folders = [.. args.Skip(2).Where(static arg => !arg.StartsWith('-'))];
if (folders.Length == 0) folders = ["Evaluation", "Conditions", "Limits"];
var asks = earlier is null ? null : JsonNode.Parse(File.ReadAllText(earlier))!.AsArray().Where(static one => (string)one!["status"]! == "survived").Select(static one => (string)one!["key"]!).ToHashSet(StringComparer.Ordinal);
var built = Path.Combine(checkout, "artifacts", "bin", "McpShield.Policy.Tests", "release");
if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
foreach (var file in Directory.GetFiles(built, "*", SearchOption.AllDirectories))
{
    var copy = Path.Combine(output, Path.GetRelativePath(built, file));
    Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
    File.Copy(file, copy);
}

// Beside the tests, so that what they read beside themselves is there; without its own list of libraries all that lie there are found.
File.Copy(typeof(Mutant).Assembly.Location, Path.Combine(output, "McpShield.Mutate.dll"), overwrite: true);
File.Copy(Path.ChangeExtension(typeof(Mutant).Assembly.Location, ".runtimeconfig.json"), Path.Combine(output, "McpShield.Mutate.runtimeconfig.json"), overwrite: true);
var mutants = MutantAssembly.Write(Path.Combine(checkout, "src", "McpShield.Policy"), folders, built, Path.Combine(output, "McpShield.Policy.dll"));
Console.WriteLine($"{mutants.Count} mutants");

var equivalent = JsonNode.Parse(File.ReadAllText(Path.Combine(checkout, "tools", "mutate", "equivalent.json")))!.AsObject().ToDictionary(static one => one.Key, static one => one.Value!.GetValue<string>(), StringComparer.Ordinal);
var program = Path.Combine(output, "McpShield.Mutate.dll");
if (await HostProcess.SurveyAsync(program) is { } failing)
{
    Console.Error.WriteLine($"the tests fail with no mutant awake: {failing}");
    return 1;
}

Console.WriteLine("with no mutant awake every test passes");
var left = new ConcurrentQueue<Mutant>(mutants.Where(mutant => asks is null || asks.Contains(mutant.Key)));
var fates = new List<(Mutant Mutant, string Status, string By)>();
await Task.WhenAll(Enumerable.Range(0, int.Parse(Environment.GetEnvironmentVariable("MCPSHIELD_MUTATE_HOSTS") ?? "2", CultureInfo.InvariantCulture)).Select(_ => Task.Run(async () =>
{
    using var host = new HostProcess(program);
    while (left.TryDequeue(out var mutant))
    {
        var (status, by) = await host.AskAsync(mutant.Number);
        lock (fates)
        {
            if (status is "survived" && equivalent.TryGetValue(mutant.Key, out var reason)) (status, by) = ("explained", reason);
            else if (equivalent.ContainsKey(mutant.Key)) Console.WriteLine($"explained, but noticed by {by}: {mutant.Key}");
            fates.Add((mutant, status, by));
            File.AppendAllText(Path.Combine(output, "mutants.log"), $"{status}\t{mutant.Line}\t{mutant.Key}\t{by}\n");
            if (fates.Count % 100 == 0) Console.WriteLine($"# {fates.Count}");
        }
    }
})));

var results = new JsonArray([.. fates.OrderBy(static fate => fate.Mutant.Number).Select(static fate => new JsonObject { ["key"] = fate.Mutant.Key, ["line"] = fate.Mutant.Line, ["kind"] = fate.Mutant.Kind, ["status"] = fate.Status, ["by"] = fate.By })]);
await File.WriteAllTextAsync(Path.Combine(output, "mutants.json"), results.ToJsonString(new() { WriteIndented = true }));
foreach (var stale in equivalent.Keys.Where(key => folders.Any(folder => key.StartsWith(folder + "/", StringComparison.Ordinal)) && mutants.All(mutant => mutant.Key != key))) Console.WriteLine($"explained, but not there: {stale}");
Console.WriteLine("| folder | mutants | noticed | of these by never ending | explained | not noticed |");
foreach (var folder in fates.GroupBy(static fate => fate.Mutant.Folder).OrderBy(static group => group.Key, StringComparer.Ordinal).Select(static group => (Name: group.Key, Fates: group.ToList())).Append((Name: "all", Fates: fates)))
{
    int Count(string status) => folder.Fates.Count(fate => fate.Status == status);
    Console.WriteLine($"| {folder.Name} | {folder.Fates.Count} | {Count("killed") + Count("timed-out")} | {Count("timed-out")} | {Count("explained")} | {Count("survived")} |");
}

return 0;
