using System.Globalization;
using System.Text.Json.Nodes;
using McpShield.Mutate;

// mutate CHECKOUT OUTPUT [FOLDER …]: which changes of the library does no test notice? The tests must have been built (Release).
// mutate --host: asks the tests; the number of a mutant a line comes in, a name or `-` goes out.
if (args is ["--host"])
{
    var host = new TestHost();
    Console.WriteLine(host.Prepare() is { } failing ? $"failing: {failing}" : "ready");
    while (Console.ReadLine() is { } line) Console.WriteLine(host.FirstFailure(int.Parse(line, CultureInfo.InvariantCulture)) ?? "-");
    return 0;
}

var (checkout, output) = (args[0], args[1]);
string[] folders = args.Length > 2 ? args[2..] : ["Evaluation", "Conditions", "Limits"];
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
var results = new JsonArray();
var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
using var hosts = new HostProcess(Path.Combine(output, "McpShield.Mutate.dll"));
foreach (var mutant in mutants)
{
    var (status, by) = equivalent.TryGetValue(mutant.Key, out var reason) ? ("equivalent", reason) : await hosts.AskAsync(mutant.Number);
    counts[status] = counts.GetValueOrDefault(status) + 1;
    results.Add(new JsonObject { ["file"] = mutant.File, ["line"] = mutant.Line, ["kind"] = mutant.Kind, ["before"] = mutant.Before, ["after"] = mutant.After, ["status"] = status, ["by"] = by });
    await File.AppendAllTextAsync(Path.Combine(output, "mutants.log"), $"{status}\t{mutant.Key}\t{by}\n");
    if (status is "survived") Console.WriteLine($"{mutant.File}:{mutant.Line}: {mutant.Kind}: {mutant.Before} => {mutant.After}");
    if (mutant.Number % 50 == 0) Console.WriteLine($"# {mutant.Number}: {string.Join(", ", counts.Select(static count => $"{count.Value} {count.Key}"))}");
}

await File.WriteAllTextAsync(Path.Combine(output, "mutants.json"), results.ToJsonString(new() { WriteIndented = true }));
var asked = mutants.Count - counts.GetValueOrDefault("equivalent");
var noticed = asked - counts.GetValueOrDefault("survived");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{asked} mutants that change something, {noticed} noticed ({100.0 * noticed / Math.Max(asked, 1):0.0} %), {counts.GetValueOrDefault("timed-out")} of them by never ending; {counts.GetValueOrDefault("equivalent")} equivalent"));
return 0;
