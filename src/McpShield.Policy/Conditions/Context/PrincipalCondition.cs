using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Context;

/// <summary><c>principal</c>: who acts. Every kind given must hold; names are globs, of roles and scopes any is enough.</summary>
internal sealed class PrincipalCondition(IReadOnlyDictionary<string, IReadOnlyList<string>> wanted) : Condition("principal")
{
    private static readonly string[] Keys = ["agents", "users", "keys", "organizations", "roles", "scopes"];

    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Map(node, key.Text) is not { } map) return null;
        if (map.Entries.Count == 0) scope.Read.Diagnostics.Error("empty-value", "`principal` names nobody", node);
        var wanted = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (kind, value) in map.Entries)
        {
            if (!Keys.Contains(kind.Text, StringComparer.Ordinal)) scope.Read.UnknownKey(kind, "`principal`", Keys);
            else if (scope.Read.Texts(value, kind.Text) is { } names) wanted[kind.Text] = [.. names.Select(static name => name.Text)];
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
