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
using var hosts = new HostProcess(Path.Combine(output, "McpShield.Mutate.dll"));
if (await hosts.SurveyAsync() is { } failing)
{
    Console.Error.WriteLine($"the tests fail with no mutant awake: {failing}");
    return 1;
}

Console.WriteLine("with no mutant awake every test passes");
var results = new JsonArray();
var fates = new List<(Mutant Mutant, string Status)>();
foreach (var mutant in mutants.Where(mutant => asks is null || asks.Contains(mutant.Key)))
{
    var (status, by) = await hosts.AskAsync(mutant.Number);
    if (equivalent.TryGetValue(mutant.Key, out var reason))
    {
        if (status is not "survived") Console.WriteLine($"explained, but noticed by {by}: {mutant.Key}");
        else (status, by) = ("explained", reason);
    }

    fates.Add((mutant, status));
    results.Add(new JsonObject { ["key"] = mutant.Key, ["line"] = mutant.Line, ["kind"] = mutant.Kind, ["status"] = status, ["by"] = by });
    await File.AppendAllTextAsync(Path.Combine(output, "mutants.log"), $"{status}\t{mutant.Line}\t{mutant.Key}\t{by}\n");
    if (fates.Count % 100 == 0) Console.WriteLine($"# {fates.Count}");
}

await File.WriteAllTextAsync(Path.Combine(output, "mutants.json"), results.ToJsonString(new() { WriteIndented = true }));
foreach (var stale in equivalent.Keys.Where(key => folders.Any(folder => key.StartsWith(folder + "/", StringComparison.Ordinal)) && mutants.All(mutant => mutant.Key != key))) Console.WriteLine($"explained, but not there: {stale}");
Console.WriteLine("| folder | mutants | noticed | of these by never ending | explained | not noticed |");
foreach (var folder in fates.GroupBy(static fate => fate.Mutant.Folder).OrderBy(static group => group.Key, StringComparer.Ordinal).Select(static group => (Name: group.Key, Fates: group.ToList())).Append((Name: "all", Fates: fates)))
{
    int Count(string status) => folder.Fates.Count(fate => fate.Status == status);
    Console.WriteLine($"| {folder.Name} | {folder.Fates.Count} | {Count("killed") + Count("timed-out")} | {Count("timed-out")} | {Count("explained")} | {Count("survived")} |");
}

return 0;
