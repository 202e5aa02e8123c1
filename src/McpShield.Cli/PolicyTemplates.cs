using System.Text;

namespace McpShield.Cli;

/// <summary>The starters of <c>policy init</c>: the YAML files in Templates/, each with comments and tests.</summary>
internal static class PolicyTemplates
{
    public const string Default = "default";
    private const string Folder = "templates/";

    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(PolicyTemplates).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(static name => name[Folder.Length..]).Order(StringComparer.Ordinal)];

    public static string Read(string name)
    {
        using var stream = typeof(PolicyTemplates).Assembly.GetManifestResourceStream(Folder + name) ?? throw new ArgumentException($"there is no template `{name}`", nameof(name));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>What a template is for: its first line, which is a comment.</summary>
    public static string About(string name) => Read(name).Split('\n')[0].TrimStart('#', ' ');
}
