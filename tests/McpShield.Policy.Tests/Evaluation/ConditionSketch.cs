namespace McpShield.Policy.Tests.Evaluation;

/// <summary>A condition as data: written out as the keys of a block, judged as it stands by <see cref="NaiveConditions"/>.</summary>
internal abstract record ConditionSketch
{
    /// <summary>Its keys in a block, in flow style.</summary>
    public abstract string Text { get; }

    public sealed override string ToString() => Text;

    protected static string List(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(static item => $"'{item}'"))}]";

    protected static string Given(string values, string[]? parameters) => parameters is null ? values : $"{{params: {List(parameters)}, any_of: {values}}}";

    protected static string Keys(params (string Key, string? Value)[] keys) => string.Join(", ", keys.Where(static key => key.Value is not null).Select(static key => $"{key.Key}: {key.Value}"));
}

internal sealed record BlockSketch(ConditionSketch[] Parts)
{
    public override string ToString() => $"{{{string.Join(", ", Parts.Select(static part => part.Text))}}}";
}

internal sealed record PrefixSketch(string[] Prefixes, string[]? Parameters) : ConditionSketch
{
    public override string Text => $"path_prefix: {Given(List(Prefixes), Parameters)}";
}

internal sealed record ExtensionSketch(string[] Extensions, string[]? Parameters) : ConditionSketch
{
    public override string Text => $"path_extension: {Given(List(Extensions), Parameters)}";
}

/// <summary>The URL keys of one block: one test. At least one list is there.</summary>
internal sealed record UrlSketch(string[]? Domains, string[]? Addresses, string[]? Schemes, int[]? Ports, string[]? Parameters) : ConditionSketch
{
    public override string Text => Keys(
        ("domains", Domains is null ? null : Given(List(Domains), Parameters)),
        ("allowed_ips", Addresses is null ? null : Given(List(Addresses), Parameters)),
        ("allowed_schemes", Schemes is null ? null : Given(List(Schemes), Parameters)),
        ("allowed_ports", Ports is null ? null : Given($"[{string.Join(", ", Ports)}]", Parameters)));
}

internal sealed record BlockedSketch(string[] Domains, string[]? Parameters) : ConditionSketch
{
    public override string Text => $"blocked_domains: {Given(List(Domains), Parameters)}";
}

internal sealed record ParametersSketch(ParameterSketch[] Tests) : ConditionSketch
{
    public override string Text => $"parameters: {{{string.Join(", ", Tests.Select(static test => test.ToString()))}}}";
}

/// <summary>What one parameter must be. Values are JSON texts, which are YAML too.</summary>
internal sealed record ParameterSketch(string Name, bool IsForbidden, bool IsRequired)
{
    public string? Type { get; init; }

    public string[]? OneOf { get; init; }

    public string? Pattern { get; init; }

    public string? Min { get; init; }

    public string? Max { get; init; }

    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public int? MaxItems { get; init; }

    public override string ToString()
    {
        if (IsForbidden) return $"'{Name}': {{forbidden: true}}";
        var keys = new List<string> { $"required: {(IsRequired ? "true" : "false")}" };
        if (Type is not null) keys.Add($"type: '{Type}'");
        if (OneOf is [var only]) keys.Add($"const: {only}");
        else if (OneOf is not null) keys.Add($"enum: [{string.Join(", ", OneOf)}]");
        if (Pattern is not null) keys.Add($"pattern: '{Pattern}'");
        if (Min is not null) keys.Add($"min: {Min}");
        if (Max is not null) keys.Add($"max: {Max}");
        if (MinLength is not null) keys.Add($"min_length: {MinLength}");
        if (MaxLength is not null) keys.Add($"max_length: {MaxLength}");
        if (MaxItems is not null) keys.Add($"max_items: {MaxItems}");
        return $"'{Name}': {{{string.Join(", ", keys)}}}";
    }
}

/// <summary>Who acts. At least one list is there.</summary>
internal sealed record PrincipalSketch(string[]? Agents, string[]? Users, string[]? Roles, string[]? Scopes) : ConditionSketch
{
    public override string Text => $"principal: {{{Keys(("agents", Of(Agents)), ("users", Of(Users)), ("roles", Of(Roles)), ("scopes", Of(Scopes)))}}}";

    private static string? Of(string[]? names) => names is null ? null : List(names);
}

internal sealed record EnvironmentSketch(string[] Environments) : ConditionSketch
{
    public override string Text => $"environment: {List(Environments)}";
}

internal sealed record ClientIpSketch(string[] Ranges) : ConditionSketch
{
    public override string Text => $"client_ip: {List(Ranges)}";
}

/// <summary>Days or hours or both, in a zone without summer time.</summary>
internal sealed record TimeSketch(string[]? Days, (int From, int To)? Between, string? Zone) : ConditionSketch
{
    public override string Text => $"time: {{{Keys(("days", Days is null ? null : List(Days)), ("between", Between is var (from, to) ? $"'{Clock(from)}-{Clock(to)}'" : null), ("tz", Zone))}}}";

    private static string Clock(int minutes) => $"{minutes / 60:00}:{minutes % 60:00}";
}

internal sealed record LabelsSketch(string[]? None, string[]? Any, string[]? All) : ConditionSketch
{
    public override string Text => $"session_labels: {{{Keys(("none_of", Of(None)), ("any_of", Of(Any)), ("all_of", Of(All)))}}}";

    private static string? Of(string[]? labels) => labels is null ? null : List(labels);
}

internal sealed record CallsSketch(string Tool, int Max) : ConditionSketch
{
    public override string Text => $"calls_in_session: {{tool: '{Tool}', max: {Max}}}";
}

internal sealed record AllSketch(BlockSketch[] Blocks) : ConditionSketch
{
    public override string Text => $"all: [{string.Join<BlockSketch>(", ", Blocks)}]";
}

internal sealed record AnySketch(BlockSketch[] Blocks) : ConditionSketch
{
    public override string Text => $"any: [{string.Join<BlockSketch>(", ", Blocks)}]";
}

internal sealed record NotSketch(BlockSketch Block) : ConditionSketch
{
    public override string Text => $"not: {Block}";
}
