using McpShield.Policy.Conditions.Context;
using McpShield.Policy.Conditions.Parameters;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Conditions;

/// <summary>Every condition kind, its shape and its reader. A new kind is one file and one line here.</summary>
internal static class ConditionTable
{
    private delegate Condition? Reader(YamlNode node, ConditionScope scope);

    private static readonly Dictionary<string, Reader> Readers = new(StringComparer.Ordinal)
    {
        ["path_prefix"] = PathPrefixCondition.Read,
        ["path_extension"] = PathExtensionCondition.Read,
        ["path_glob"] = PathGlobCondition.Read,
        ["denied_path_glob"] = DeniedPathGlobCondition.Read,
        ["blocked_domains"] = BlockedDomainsCondition.Read,
        ["parameters"] = ParametersCondition.Read,
        ["schema"] = SchemaCondition.Read,
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

    private static readonly Lazy<MapShape> Fields = new(static () => Shape.Map(
        "a block of conditions",
        new("path_prefix", Selection.ShapeOf(Shape.Text), "Every path argument is one of these or lies below it (section 4)."),
        new("path_extension", Selection.ShapeOf(Shape.Text), "The extension of every path argument is one of these."),
        new("path_glob", Selection.ShapeOf(Shape.Text), "Every path argument matches one of these globs; `**` crosses directories."),
        new("denied_path_glob", Selection.ShapeOf(Shape.Text), "No path argument matches one of these globs."),
        new("allowed_domains", Selection.ShapeOf(Shape.Text), "The host of every URL argument is one of these; `*.example.com` is every sub-domain (section 5)."),
        new("domains", Selection.ShapeOf(Shape.Text), "The same as `allowed_domains`; reads better in deny rules."),
        new("allowed_ips", Selection.ShapeOf(Shape.Text), "Hosts that are IP addresses, as CIDR ranges."),
        new("allowed_schemes", Selection.ShapeOf(Shape.Matching("^[a-z][a-z0-9+.-]*$")), "URL schemes; default https and http."),
        new("allowed_ports", Selection.ShapeOf(Shape.Integer(1, 65_535)), "Ports, instead of the scheme's default port."),
        new("blocked_domains", Selection.ShapeOf(Shape.Text), "No URL argument is in one of these, on any scheme and port."),
        new("parameters", ParametersCondition.Shape, "What parameters must be, by name or JSON Pointer."),
        new("additional_parameters", Shape.Word("deny"), "`deny`: nothing stands in the arguments beyond `parameters`.") { Needs = "parameters" },
        new("schema", Shape.Word("pinned"), "`pinned`: the arguments fit the tool's approved input schema, with nothing additional."),
        new("principal", PrincipalCondition.Shape, "Who acts; every kind given must hold."),
        new("environment", Shape.Words(EnvironmentCondition.Known), "The project's environment is one of these."),
        new("client_ip", Shape.Texts, "The caller's address lies in one of these CIDR ranges."),
        new("time", TimeCondition.Shape, "Days and hours at which the rule holds."),
        new("session_labels", SessionLabelsCondition.Shape, "Labels that the session has gathered."),
        new("calls_in_session", CallsInSessionCondition.Shape, "Fewer than so many calls of a tool were allowed in this session."),
        new("max_argument_bytes", MaxArgumentBytesCondition.Shape, "The arguments, as canonical JSON, are at most this long."),
        new("all", new ListShape(Block!), "All of these blocks hold."),
        new("any", new ListShape(Block!), "One of these blocks holds."),
        new("not", new ListShape(Block!, MaxItems: 1), "This block does not hold."))
        with
    {
        Later = ["sql", "mongo", "redis"],
    });

    /// <summary>A block of conditions, all of which must hold.</summary>
    public static Shape Block { get; } = new NamedShape("conditions", static () => Fields.Value);

    /// <summary>Reads a block of conditions. What is wrong in it is left out here and named in the diagnostics.</summary>
    public static AllCondition ReadBlock(YamlNode node, ConditionScope scope)
    {
        if (node is not YamlMap map) return new("all", []);
        var parts = new List<Condition>();
        var urls = new UrlConditionReader(scope);
        foreach (var (key, value) in map.Entries)
        {
            if (UrlConditionReader.Owns(key.Text)) urls.Read(key, value);
            else if (Readers.TryGetValue(key.Text, out var read)) Add(parts, read(value, scope));
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
