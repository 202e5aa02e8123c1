using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Conditions.Context;

/// <summary><c>principal</c>: who acts. Every kind given must hold; names are globs, of roles and scopes any is enough.</summary>
internal sealed class PrincipalCondition(IReadOnlyDictionary<string, IReadOnlyList<string>> wanted) : Condition("principal")
{
    public static Shape Shape { get; } = Shape.Map(
        "`principal`",
        new("agents", Shape.Texts, "Globs over the agent's name."),
        new("users", Shape.Texts, "Globs over the person."),
        new("keys", Shape.Texts, "Globs over the key's identifier."),
        new("organizations", Shape.Texts, "Globs over the organization's identifier."),
        new("roles", Shape.Texts, "Roles, any of which is enough."),
        new("scopes", Shape.Texts, "Scopes, any of which is enough."));

    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (node is not YamlMap map) return null;
        var wanted = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (kind, value) in map.Entries)
        {
            if (NodeReader.Texts(value) is { } names) wanted[kind.Text] = [.. names.Select(static name => name.Text)];
        }

        return new PrincipalCondition(wanted);
    }

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var who = call.Context.Principal;
        foreach (var (kind, names) in wanted)
        {
            var holds = kind switch
            {
                "agents" => MatchesAny(names, who.Agent),
                "users" => MatchesAny(names, who.User),
                "keys" => MatchesAny(names, who.Key),
                "organizations" => MatchesAny(names, who.Organization),
                "roles" => names.Any(name => who.Roles.Contains(name, StringComparer.Ordinal)),
                _ => names.Any(name => who.Scopes.Contains(name, StringComparer.Ordinal)),
            };
            if (!holds) return call.Meet(Truth.False, DetailCode.Principal, $"the principal is not among the {kind} of the rule");
        }

        return Truth.True;
    }

    private static bool MatchesAny(IReadOnlyList<string> globs, string name) => globs.Any(glob => ToolPattern.Matches(glob, name));
}
