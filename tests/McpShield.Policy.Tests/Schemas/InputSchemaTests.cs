using System.Text;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;
using McpShield.Policy.Schemas;

namespace McpShield.Policy.Tests.Schemas;

/// <summary><c>schema: pinned</c>: JSON Schema as tool definitions use it, and nothing beyond what it names.</summary>
public sealed class InputSchemaTests
{
    private const string Person = """{"type":"object","properties":{"name":{"type":"string","minLength":2,"maxLength":4},"age":{"type":"integer","minimum":0,"exclusiveMaximum":150},"tags":{"type":"array","items":{"type":"string","enum":["a","b"]},"uniqueItems":true,"maxItems":2}},"required":["name"]}""";

    /// <summary>Schema, arguments, answer.</summary>
    public static TheoryData<string, string, Truth> Cases => new()
    {
        { Person, """{"name":"Ada"}""", Truth.True },
        { Person, """{"name":"Ada","age":36.0}""", Truth.True },
        { Person, """{"name":"Ada","age":36.5}""", Truth.False },
        { Person, """{"name":"Ada","age":"36"}""", Truth.False },
        { Person, """{"name":"Ada","age":-1}""", Truth.False },
        { Person, """{"name":"Ada","age":150}""", Truth.False },
        { Person, """{"name":"Ada","age":149.99999999999999999999}""", Truth.False },
        { Person, """{"name":"A"}""", Truth.False },
        { Person, """{"name":"\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00"}""", Truth.True },
        { Person, """{"age":3}""", Truth.False },
        { Person, """{"name":"Ada","extra":1}""", Truth.False },
        { Person, """{"name":"Ada","tags":["a","b"]}""", Truth.True },
        { Person, """{"name":"Ada","tags":["a","a"]}""", Truth.False },
        { Person, """{"name":"Ada","tags":["c"]}""", Truth.False },
        { Person, """{"name":"Ada","tags":["a","b","a"]}""", Truth.False },
        { Person, """{"name":"Ada","tags":"a"}""", Truth.False },
        { """{"type":"object"}""", "{}", Truth.True },
        { """{"type":"object"}""", """{"anything":1}""", Truth.False },
        { """{"type":"object","additionalProperties":true}""", """{"anything":1}""", Truth.False },
        { """{"type":"object","additionalProperties":{"type":"integer"}}""", """{"anything":1}""", Truth.True },
        { """{"type":"object","additionalProperties":{"type":"integer"}}""", """{"anything":"1"}""", Truth.False },
        { """{"properties":{"a":{"type":"object","properties":{"b":{}}}}}""", """{"a":{"b":1}}""", Truth.True },
        { """{"properties":{"a":{"type":"object","properties":{"b":{}}}}}""", """{"a":{"b":1,"c":2}}""", Truth.False },
        { """{"properties":{"a":{"const":1.0}}}""", """{"a":1.0}""", Truth.True },
        { """{"properties":{"a":{"enum":["x",null]}}}""", """{"a":null}""", Truth.True },
        { """{"properties":{"a":{"type":["string","null"]}}}""", """{"a":null}""", Truth.True },
        { """{"properties":{"a":{"pattern":"^b+$"}}}""", """{"a":"bb"}""", Truth.True },
        { """{"properties":{"a":{"pattern":"^b+$"}}}""", """{"a":"bc"}""", Truth.False },
        { """{"properties":{"a":{"pattern":"(a)\\1"}}}""", """{"a":"aa"}""", Truth.Error },
        { """{"anyOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}""", """{"b":1}""", Truth.True },
        { """{"anyOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}""", """{"a":1,"c":1}""", Truth.False },
        { """{"oneOf":[{"properties":{"a":{"type":"integer"}}},{"properties":{"a":{"type":"number"}}}]}""", """{"a":1}""", Truth.False },
        { """{"oneOf":[{"properties":{"a":{"type":"integer"}}},{"properties":{"a":{"type":"number"}}}]}""", """{"a":1.5}""", Truth.True },
        { """{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}""", """{"a":1,"b":2}""", Truth.True },
        { """{"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"integer"}}}""", """{"a":1}""", Truth.True },
        { """{"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"integer"}}}""", """{"a":"1"}""", Truth.False },
        { """{"properties":{"a":{"$ref":"https://example.com/s.json"}}}""", """{"a":1}""", Truth.Error },
        { """{"properties":{"a":{"$ref":"#/nowhere"}}}""", """{"a":1}""", Truth.Error },
        { """{"$ref":"#"}""", "{}", Truth.Error },
        { """{"properties":{"next":{"$ref":"#"}}}""", """{"next":{"next":{}}}""", Truth.True },
        { """{"not":{"required":["a"]}}""", "{}", Truth.Error },
        { """{"if":{},"then":{}}""", "{}", Truth.Error },
        { """{"type":"strnig"}""", "{}", Truth.Error },
        { """{"minProperties":1,"properties":{"a":false}}""", """{"a":1}""", Truth.False },
        { """{"properties":{"a":true}}""", """{"a":5}""", Truth.True },
        { """{"properties":{"a":{"type":"array"}}}""", """{"a":[1,"x",[]]}""", Truth.True },
        { """{"properties":{"a":{"type":"array"}}}""", """{"a":[{"hidden":1}]}""", Truth.False },
        { """{"properties":{"a":{"format":"uri","description":"d","default":1,"title":"t"}}}""", """{"a":"b"}""", Truth.True },
        { "[]", "{}", Truth.Error },
        { "true", """{"a":1}""", Truth.False },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Arguments_fit_when_the_schema_takes_them_and_names_all_of_them(string schema, string arguments, Truth expected)
    {
        var read = InputSchema.Read(Read(schema));

        Assert.Equal(expected, read.Fits(Read(arguments)));
    }

    [Fact]
    public void No_arguments_mean_an_empty_object() => Assert.Equal(Truth.True, InputSchema.Read(Read("""{"type":"object"}""")).Fits(default));

    [Fact]
    public void A_rule_that_asks_for_the_pinned_schema_allows_what_fits_and_nothing_where_there_is_no_catalogue()
    {
        var policy = PolicyLoader.Load("version: 1\nrules:\n  - {id: fits, tool: a.b, decision: allow, conditions: {schema: pinned}}\n").Policy!;
        var schema = InputSchema.Read(Read(Person));

        Assert.Equal(Outcome.Allow, Authorizer.Decide(policy, new("a.b", Read("""{"name":"Ada"}"""), CallContext.Empty, Schema: schema)).Outcome);
        Assert.Equal(DetailCode.Schema, Authorizer.Decide(policy, new("a.b", Read("""{"nme":"Ada"}"""), CallContext.Empty, Schema: schema)).Details[0].Code);
        var without = Authorizer.Explain(policy, new("a.b", Read("""{"name":"Ada"}"""), CallContext.Empty));
        Assert.Equal((Outcome.Deny, Truth.Error), (without.Outcome, without.Trace.Rules[0].Conditions[0].Value));
    }

    private static JsonView Read(string json) => JsonTree.TryRead(Encoding.UTF8.GetBytes(json), JsonLimits.Arguments, out var tree, out var fault) ? tree!.Root : throw new InvalidOperationException(fault.Message);
}
