namespace McpShield.Server.Features.Projects;

/// <summary>The policy of a project whose maker gave none: nothing is allowed, and what to do next stands in it.</summary>
internal static class StarterPolicy
{
    public static string For(string project) =>
        $"""
        # The policy of a new project. Nothing is allowed until a rule allows it; the first rule that matches decides.
        version: 1
        name: {Quoted(project)}
        default: deny
        rules: []
        # An example: reading one folder through a server named fs.
        #  - id: read-docs
        #    tool: [fs.read_text_file, fs.list_directory]
        #    decision: allow
        #    conditions: {"{path_prefix: /data/docs}"}

        """;

    // A name is the project's own words: quoted, so that nothing in it is YAML.
    private static string Quoted(string name)
    {
        var plain = string.Concat(name.Trim().Select(static unit => char.IsControl(unit) || char.IsSurrogate(unit) ? ' ' : unit));
        return $"'{plain.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
