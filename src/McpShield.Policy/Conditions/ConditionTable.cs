using McpShield.Policy.Conditions.Context;
using McpShield.Policy.Conditions.Parameters;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions;

/// <summary>Every condition kind and its reader. A new kind is one file and one line here.</summary>
internal static class ConditionTable
{
    private delegate Condition? Reader(YamlScalar key, YamlNode node, ConditionScope scope);

    private static readonly Dictionary<string, Reader> Readers = new(StringComparer.Ordinal)
    {
        ["path_prefix"] = PathPrefixCondition.Read,
        ["path_extension"] = PathExtensionCondition.Read,
        ["path_glob"] = PathGlobCondition.Read,
        ["denied_path_glob"] = DeniedPathGlobCondition.Read,
        ["blocked_domains"] = BlockedDomainsCondition.Read,
        ["parameters"] = ParametersCondition.Read,
        ["principal"] = PrincipalCondition.Read,
        ["environment"] = EnvironmentCondition.Read,
        ["client_ip"] = ClientIpCondition.Read,
        ["time"] = TimeCondition.Read,
        ["session_labels"] = SessionLabelsCondition.Read,
        ["calls_in_session"] = CallsInSessionCondition.Read,
        ["max_argument_bytes"] = MaxArgumentBytesCondition.Read,
        ["all"] = LogicReader.ReadAll,
        ["any"] = LogicReader.ReadAny,
        ["not"] = LogicReader.ReadNot,
    };

    // Read together with their neighbours: the URL keys are one test, and `additional_parameters` is about `parameters`.
    private static readonly string[] Grouped = ["allowed_domains", "domains", "allowed_ips", "allowed_schemes", "allowed_ports", "additional_parameters"];

    private static readonly string[] NotYet = ["schema", "sql", "mongo", "redis"];

    /// <summary>Reads a block of conditions, all of which must hold. <c>null</c> when something in it is wrong.</summary>
    public static AllCondition? ReadBlock(YamlNode node, string what, ConditionScope scope)
    {
        if (scope.Read.Map(node, what) is not { } map) return null;
        if (map.Entries.Count == 0)
        {
            scope.Read.Diagnostics.Error("empty-value", $"`{what}` holds no condition", node);
            return null;
        }

        var parts = new List<Condition>();
        var urls = new UrlConditionReader(scope);
        foreach (var (key, value) in map.Entries)
        {
            if (UrlConditionReader.Owns(key.Text)) urls.Read(key, value);
            else if (key.Text == "additional_parameters") AdditionalParametersCondition.Check(key, value, map, scope);
            else if (Readers.TryGetValue(key.Text, out var read)) Add(parts, read(key, value, scope));
            else if (NotYet.Contains(key.Text, StringComparer.Ordinal)) scope.Read.NotSupportedYet(key);
            else scope.Read.UnknownKey(key, "conditions", Readers.Keys.Concat(Grouped));
        }

        Add(parts, urls.Build());
        Add(parts, AdditionalParametersCondition.Build(map));
        return new("all", parts);
    }

    private static void Add(List<Condition> parts, Condition? part)
    {
        if (part is not null) parts.Add(part);
    }
}
