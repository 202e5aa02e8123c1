using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Parameters;

/// <summary><c>parameters</c>: every parameter named is what the rule says. They hold together, in deny rules too: each names one value.</summary>
internal sealed class ParametersCondition(IReadOnlyList<ParameterTest> tests) : Condition("parameters")
{
    private static readonly string[] Keys =
        ["type", "enum", "const", "pattern", "min", "max", "min_length", "max_length", "max_items", "required", "forbidden"];

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var result = Truth.True;
        for (var i = 0; i < tests.Count; i++) result = Kleene.And(result, tests[i].Evaluate(call));
        return result;
    }

    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Map(node, key.Text) is not { } map) return null;
        if (map.Entries.Count == 0) scope.Read.Diagnostics.Error("empty-value", "`parameters` names no parameter", node);

        var tests = new List<ParameterTest>();
        foreach (var (name, value) in map.Entries)
        {
            if (name.Text.Length == 0 || ParameterName.Parse(name.Text) is not { } parameter)
            {
                scope.Read.Diagnostics.Error("pointer", $"`{name.Text}` is neither a name nor a JSON Pointer", name);
                continue;
            }

            if (ReadTest(parameter, value, scope) is { } test) tests.Add(test);
        }

        return new ParametersCondition(tests);
    }

    private static ParameterTest? ReadTest(ParameterName name, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Map(node, name.Pointer) is not { } map) return null;
        if (map.Entries.Count == 0) scope.Read.Diagnostics.Error("empty-value", $"nothing is said of `{name.Pointer}`", node, "write `required: true` when it must only be there");

        var test = new ParameterTest(name);
        foreach (var (key, value) in map.Entries) ReadKey(test, key, value, scope);
        if (test is { Min: { } min, Max: { } max } && ExactNumber.Compare(min, max) > 0) scope.Read.Diagnostics.Error("min-above-max", $"`min` is above `max` for `{name.Pointer}`", node);
        if (test.MinLength > test.MaxLength) scope.Read.Diagnostics.Error("min-above-max", $"`min_length` is above `max_length` for `{name.Pointer}`", node);
        if (test.IsForbidden && map.Entries.Count > 1) scope.Read.Diagnostics.Error("forbidden", $"`{name.Pointer}` is forbidden, so nothing else can be said of it", node);
        return test;
    }

    private static void ReadKey(ParameterTest test, YamlScalar key, YamlNode value, ConditionScope scope)
    {
        switch (key.Text)
        {
            case "type":
                test.Type = scope.Read.Word(value, "type", "string", "number", "integer", "boolean", "array", "object", "null");
                break;
            case "enum":
                test.OneOf = ReadLiterals(value, scope);
                break;
            case "const":
                if (IsLiteral(value)) test.OneOf = [Literal.Of((YamlScalar)value)];
                else scope.Read.WrongType(value, "const", "a string, decimal number, boolean or null");
                break;
            case "pattern":
                if (scope.Read.Text(value, "pattern") is { } pattern) test.Pattern = ParameterTest.Compile(pattern, value, scope);
                break;
            case "min":
                test.Min = ReadNumber(value, "min", scope);
                break;
            case "max":
                test.Max = ReadNumber(value, "max", scope);
                break;
            case "min_length":
                test.MinLength = scope.Read.Integer(value, "min_length", 0, int.MaxValue);
                break;
            case "max_length":
                test.MaxLength = scope.Read.Integer(value, "max_length", 0, int.MaxValue);
                break;
            case "max_items":
                test.MaxItems = scope.Read.Integer(value, "max_items", 0, int.MaxValue);
                break;
            case "required":
                test.IsRequired = scope.Read.Flag(value, "required") ?? true;
                break;
            case "forbidden":
                test.IsForbidden = scope.Read.Flag(value, "forbidden") ?? true;
                break;
            default:
                scope.Read.UnknownKey(key, "a parameter", Keys);
                break;
        }
    }

    private static List<Literal>? ReadLiterals(YamlNode node, ConditionScope scope)
    {
        IReadOnlyList<YamlNode> items = node is YamlList list ? list.Items : [node];
        if (items.Count == 0) scope.Read.Diagnostics.Error("empty-value", "`enum` is an empty list", node);
        foreach (var item in items)
        {
            if (!IsLiteral(item)) scope.Read.WrongType(item, "enum", "a list of strings, decimal numbers, booleans or nulls");
        }

        return items.Count > 0 && items.All(IsLiteral) ? [.. items.Cast<YamlScalar>().Select(Literal.Of)] : null;
    }

    private static ExactNumber? ReadNumber(YamlNode node, string what, ConditionScope scope)
    {
        if (node is YamlScalar { IsNumber: true } scalar && IsLiteral(scalar)) return ExactNumber.Parse(scalar.Text);
        scope.Read.WrongType(node, what, "a decimal number");
        return null;
    }

    // `0x10` and `.inf` are numbers in YAML, and none in JSON.
    private static bool IsLiteral(YamlNode node) =>
        node is YamlScalar scalar && !(scalar.IsNumber && (scalar.Text.Length > ExactNumber.MaxLiteralLength || scalar.Text.AsSpan().ContainsAnyExcept(Characters.Decimal)));
}
