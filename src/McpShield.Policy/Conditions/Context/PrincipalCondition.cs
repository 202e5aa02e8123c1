using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Context;

/// <summary><c>principal</c>: who acts. Every kind given must hold; names are globs, of roles and scopes any is enough.</summary>
internal sealed class PrincipalCondition(IReadOnlyDictionary<string, IReadOnlyList<string>> wanted) : Condition("principal")
{
    private static readonly string[] Keys = ["agents", "users", "keys", "organizations", "roles", "scopes"];

    private readonly (string Kind, IReadOnlyList<string> Names, string Problem)[] kinds =
        [.. wanted.Select(static entry => (entry.Key, entry.Value, $"the principal is not among the {entry.Key} of the rule"))];

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
