using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Conditions.Parameters;

/// <summary><c>parameters</c>: every parameter named is what the rule says. They hold together, in deny rules too: each names one value.</summary>
internal sealed class ParametersCondition(IReadOnlyList<ParameterTest> tests) : Condition("parameters")
{
    public static Shape Shape { get; } = new NamesShape(
        "`parameters`",
        Shape.Map(
            "a parameter",
            new("type", Shape.Word("string", "number", "integer", "boolean", "array", "object", "null"), "Its JSON type, strictly: \"50\" is no number."),
            new("enum", new ListShape(Shape.Literal), "It equals one of these."),
            new("const", Shape.Literal, "It equals this."),
            new("pattern", Shape.Text, "The whole string matches this regular expression; no back-references, no look-around."),
            new("min", Shape.Number, "The number is at least this, compared exactly."),
            new("max", Shape.Number, "The number is at most this, compared exactly."),
            new("min_length", Shape.Integer(0, int.MaxValue), "The string has at least so many code points."),
            new("max_length", Shape.Integer(0, int.MaxValue), "The string has at most so many code points."),
            new("max_items", Shape.Integer(0, int.MaxValue), "The list has at most so many items."),
            new("required", Shape.Flag, "false: it may be absent. Default true."),
            new("forbidden", Shape.Flag, "true: it must be absent."))
            with
        {
            EmptyHint = "write `required: true` when it must only be there",
        });

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var result = Truth.True;
        for (var i = 0; i < tests.Count; i++) result = Kleene.And(result, tests[i].Evaluate(call));
        return result;
    }

    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (node is not YamlMap map) return null;
        var tests = new List<ParameterTest>();
        foreach (var (name, value) in map.Entries)
        {
            if (name.Text.Length == 0 || ParameterName.Parse(name.Text) is not { } parameter)
            {
                scope.Diagnostics.Error("pointer", $"`{name.Text}` is neither a name nor a JSON Pointer", name);
                continue;
            }

            if (value is YamlMap said) tests.Add(ReadTest(parameter, said, scope));
        }

        return new ParametersCondition(tests);
    }

    private static ParameterTest ReadTest(ParameterName name, YamlMap map, ConditionScope scope)
    {
        var test = new ParameterTest(name);
        foreach (var (key, value) in map.Entries) ReadKey(test, key, value, scope);
        if (test is { Min: { } min, Max: { } max } && ExactNumber.Compare(min, max) > 0) scope.Diagnostics.Error("min-above-max", $"`min` is above `max` for `{name.Pointer}`", map);
        if (test.MinLength > test.MaxLength) scope.Diagnostics.Error("min-above-max", $"`min_length` is above `max_length` for `{name.Pointer}`", map);
        if (test.IsForbidden && map.Entries.Count > 1) scope.Diagnostics.Error("forbidden", $"`{name.Pointer}` is forbidden, so nothing else can be said of it", map);
        return test;
    }

    private static void ReadKey(ParameterTest test, YamlScalar key, YamlNode value, ConditionScope scope)
    {
        switch (key.Text)
        {
            case "type":
                test.Type = NodeReader.Text(value);
                break;
            case "enum" or "const":
                test.OneOf = [.. NodeReader.Items(value).OfType<YamlScalar>().Where(static scalar => scalar.IsJsonLiteral).Select(Literal.Of)];
                break;
            case "pattern":
                if (NodeReader.Text(value) is { } pattern) test.Pattern = ParameterTest.Compile(pattern, value, scope);
                break;
            case "min":
                test.Min = ReadNumber(value);
                break;
            case "max":
                test.Max = ReadNumber(value);
                break;
            case "min_length":
                test.MinLength = NodeReader.Integer(value);
                break;
            case "max_length":
                test.MaxLength = NodeReader.Integer(value);
                break;
            case "max_items":
                test.MaxItems = NodeReader.Integer(value);
                break;
            case "required":
                test.IsRequired = NodeReader.Flag(value) ?? true;
                break;
            case "forbidden":
                test.IsForbidden = NodeReader.Flag(value) ?? true;
                break;
        }
    }

    private static ExactNumber? ReadNumber(YamlNode node) => node is YamlScalar { IsNumber: true, IsJsonLiteral: true } scalar ? ExactNumber.Parse(scalar.Text) : null;
}
