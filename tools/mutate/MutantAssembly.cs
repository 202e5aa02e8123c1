using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace McpShield.Mutate;

/// <summary>The library with all its mutants in it, each asleep.</summary>
internal static class MutantAssembly
{
    private const string Switch = """
        namespace McpShield.Policy;
        public static class MutantSwitch
        {
            // 0: all are asleep; less: what is passed is written down.
            public static volatile int Active;
            public static readonly bool[] Passed = new bool[1 << 16];
            public static bool Is(int number)
            {
                var active = Active;
                return active == number || (active < 0 && Note(number));
            }

            private static bool Note(int number)
            {
                Passed[number] = true;
                return false;
            }
        }
        """;

    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>Compiles <paramref name="project"/> with the mutants of the folders <paramref name="mutated"/> into <paramref name="output"/>.</summary>
    /// <param name="project">The folder of the sources.</param>
    /// <param name="mutated">Folders below it.</param>
    /// <param name="libraries">A folder of assemblies that it needs.</param>
    /// <param name="output">The assembly to write.</param>
    public static List<Mutant> Write(string project, IReadOnlyList<string> mutated, string libraries, string output)
    {
        var options = new CSharpParseOptions(LanguageVersion.CSharp14);
        var sources = Directory.GetFiles(project, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, Path.GetRelativePath(project, file).Replace('\\', '/'))).ToList();
        var version = System.Reflection.AssemblyName.GetAssemblyName(Path.Combine(libraries, "McpShield.Policy.dll")).Version;
        var attributes = $"[assembly: System.Reflection.AssemblyVersion(\"{version}\")] [assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"McpShield.Policy.Tests\")]";
        var compilation = CSharpCompilation.Create(
            "McpShield.Policy",
            [.. sources, CSharpSyntaxTree.ParseText(Usings, options, "Usings"), CSharpSyntaxTree.ParseText(Switch, options, "Switch"), CSharpSyntaxTree.ParseText(attributes, options, "Attributes")],
            References(libraries),
            new(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Disable));

        var refused = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var mutants = new List<Mutant>();
            var changed = compilation;
            foreach (var tree in sources.Where(tree => mutated.Any(folder => tree.FilePath.StartsWith(folder + "/", StringComparison.Ordinal))))
            {
                var root = new MutantRewriter(compilation.GetSemanticModel(tree), tree.FilePath, refused, mutants).Visit(tree.GetRoot());
                changed = changed.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(root.ToFullString(), options, tree.FilePath));
            }

            var result = changed.Emit(output, manifestResources: [new("McpShield.Policy.Unicode.unicode.bin", () => File.OpenRead(Path.Combine(project, "Unicode", "unicode.bin")), isPublic: true)]);
            if (result.Success)
            {
                File.WriteAllLines(Path.ChangeExtension(output, ".left-out.txt"), refused.Order(StringComparer.Ordinal));
                Console.WriteLine($"{refused.Count} places left out: they do not compile with a switch around them");
                return mutants;
            }

            var before = refused.Count;
            foreach (var error in result.Diagnostics.Where(static one => one.Severity is DiagnosticSeverity.Error)) Refuse(error, mutants, refused);
            if (refused.Count == before) throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(static one => one.Severity is DiagnosticSeverity.Error).Take(20)));
        }
    }

    // Of the switches within the smallest part of the source that holds an error and one that can be to blame for it. Most likely first:
    // a variable that is not assigned on every path is what a turned condition or a left out jump makes.
    private static void Refuse(Diagnostic error, List<Mutant> mutants, HashSet<string> refused)
    {
        Func<Mutant, bool>[] suspects = error.Id switch
        {
            "CS0161" => [static mutant => mutant.Kind == "drop", static _ => true],
            "CS0165" or "CS0177" => [static mutant => mutant.Kind == "turn", static mutant => mutant.Kind == "drop", static _ => true],
            _ => [static _ => true],
        };
        foreach (var isSuspect in suspects)
        {
            foreach (var above in error.Location.SourceTree!.GetRoot().FindNode(error.Location.SourceSpan).AncestorsAndSelf())
            {
                if (above is BaseTypeDeclarationSyntax) break;
                var places = above.DescendantNodesAndSelf().OfType<InvocationExpressionSyntax>()
                    .Where(static call => call.Expression.ToString() == "global::McpShield.Policy.MutantSwitch.Is")
                    .Select(call => mutants[int.Parse(call.ArgumentList.Arguments[0].ToString(), CultureInfo.InvariantCulture) - 1])
                    .Where(isSuspect).Select(static mutant => mutant.Place).ToList();
                if (places.Count == 0) continue;
                refused.UnionWith(places);
                return;
            }
        }
    }

    private static IEnumerable<MetadataReference> References(string libraries) =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll"))
            .Append(Path.Combine(libraries, "YamlDotNet.dll")).Select(static path => MetadataReference.CreateFromFile(path));
}
