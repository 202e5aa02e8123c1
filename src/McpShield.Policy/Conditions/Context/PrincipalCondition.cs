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

    private readonly (string Kind, IReadOnlyList<string> Names, string Problem)[] kinds =
        [.. wanted.Select(static entry => (entry.Key, entry.Value, $"the principal is not among the {entry.Key} of the rule"))];

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
        foreach (var (kind, names, problem) in kinds)
        {
            var holds = kind switch
            {
                "agents" => MatchesAny(names, who.Agent),
                "users" => MatchesAny(names, who.User),
                "keys" => MatchesAny(names, who.Key),
                "organizations" => MatchesAny(names, who.Organization),
                "roles" => Texts.Overlap(names, who.Roles),
                _ => Texts.Overlap(names, who.Scopes),
            };
            if (!holds) return call.Meet(Truth.False, DetailCode.Principal, problem);
        }

        return Truth.True;
    }

    private static bool MatchesAny(IReadOnlyList<string> globs, string name)
    {
        for (var i = 0; i < globs.Count; i++)
        {
            if (ToolPattern.Matches(globs[i], name)) return true;
        }

        return false;
    }
}
