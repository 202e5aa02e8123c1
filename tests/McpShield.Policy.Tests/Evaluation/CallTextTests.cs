using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>Calls in their file form.</summary>
public sealed class CallTextTests
{
    [Fact]
    public void Every_field_of_the_context_is_read()
    {
        var context = CallText.Read(
            """
            {"tool": "a.b", "time": "2026-11-24T10:00:00", "client_ip": "10.0.0.1", "environment": "prod", "session": {"labels": ["x", "y"], "calls": {"a.b": 3, "c.d": 0}},
             "principal": {"agent": "an", "user": "us", "key": "ke", "organization": "or", "roles": ["r1", "r2"], "scopes": ["s1"]}}
            """).Context;

        Assert.Equal(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero), context.Time);
        Assert.Equal(("10.0.0.1", "prod"), (context.ClientIp, context.Environment));
        Assert.Equal(("an", "us", "ke", "or"), (context.Principal.Agent, context.Principal.User, context.Principal.Key, context.Principal.Organization));
        Assert.Equal(["r1", "r2"], context.Principal.Roles);
        Assert.Equal(["s1"], context.Principal.Scopes);
        Assert.Equal(["x", "y"], context.Session.Labels.Order(StringComparer.Ordinal));
        Assert.Equal([("a.b", 3), ("c.d", 0)], context.Session.Calls.Select(static one => (one.Key, one.Value)).Order());
    }

    [Theory]
    [InlineData("""{"tool": "a.b"}""", "{}")]
    [InlineData("""{"tool": "a.b", "arguments": {"x": 1}}""", """{"x": 1}""")]
    [InlineData("""{"tool": "a.b", "arguments": null}""", "null")]
    [InlineData("""{"tool": "a.b", "arguments": [1]}""", "[1]")]
    [InlineData("""{"tool": "a.b", "arguments_json": "{\"x\": 1,"}""", """{"x": 1,""")]
    public void Arguments_are_passed_on_as_they_are_written(string line, string arguments) => Assert.Equal(arguments, System.Text.Encoding.UTF8.GetString(CallText.Read(line).Arguments));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"a.b\"")]
    [InlineData("{}")]
    [InlineData("""{"tool": 1}""")]
    [InlineData("""{"tool": "a.b", "arguments": {}, "arguments_json": "{}"}""")]
    [InlineData("""{"tool": "a.b", "arguments_json": {}}""")]
    [InlineData("""{"tool": "a.b", "arguments_json": null}""")]
    [InlineData("""{"tool": "a.b", "argument": {}}""")]
    [InlineData("""{"tool": "a.b", "Time": "2026-11-24T10:00:00Z"}""")]
    [InlineData("""{"tool": "a.b", "time": "yesterday"}""")]
    [InlineData("""{"tool": "a.b", "time": 1}""")]
    [InlineData("""{"tool": "a.b", "client_ip": false}""")]
    [InlineData("""{"tool": "a.b", "principal": {"agent": 1}}""")]
    [InlineData("""{"tool": "a.b", "principal": {"roles": [1]}}""")]
    [InlineData("""{"tool": "a.b", "session": {"labels": [null]}}""")]
    [InlineData("""{"tool": "a.b", "session": {"calls": {"a.b": -1}}}""")]
    [InlineData("""{"tool": "a.b", "session": {"calls": {"a.b": 1.0}}}""")]
    public void Anything_else_is_not_a_call(string line) => Assert.Throws<CallFormatException>(() => CallText.Read(line));

    [Fact]
    public void A_context_by_itself_holds_neither_tool_nor_arguments()
    {
        Assert.Equal("dev", CallText.ReadContext("""{"environment": "dev"}""").Environment);
        Assert.Throws<CallFormatException>(() => CallText.ReadContext("""{"tool": "a.b"}"""));
        Assert.Throws<CallFormatException>(() => CallText.ReadContext("""{"arguments": {}}"""));
    }

    [Theory]
    [InlineData("""{"tool": "a.b"}""", Outcome.Allow, Reason.Rule)]
    [InlineData("""{"tool": "c.d"}""", Outcome.Deny, Reason.Default)]
    [InlineData("""{"tool": "a.b", "arguments_json": "{\"x\": 1, \"x\": 2}"}""", Outcome.Deny, Reason.InvalidRequest)]
    [InlineData("""{"tool": "a.b", "arguments": []}""", Outcome.Deny, Reason.InvalidRequest)]
    [InlineData("""{"tool": "f.f", "arguments": {"note": "mail to jane.doe@example.com please"}}""", Outcome.Deny, Reason.FilterBlocked)]
    [InlineData("""{"tool": "f.f", "arguments": {"note": "nothing"}}""", Outcome.Allow, Reason.Rule)]
    public void A_call_in_its_file_form_is_decided_like_any_other_filters_included(string line, Outcome outcome, Reason reason)
    {
        const string rules = "filters:\n  hard: {detectors: [email], action: block}\nrules:\n  - {tool: a.b, decision: allow}\n  - {tool: f.f, decision: allow, filters: {arguments: hard}}\n";

        var decision = CallText.Read(line).Explain(Load("version: 1\n" + rules));

        Assert.Equal((outcome, reason), (decision.Outcome, decision.Reason));
        Assert.NotEqual(Reason.FilterBlocked, CallText.Read(line).Explain(Load("version: 1\nmode: shadow\n" + rules)).Reason);
    }

    private static CompiledPolicy Load(string text)
    {
        var loaded = PolicyLoader.Load(text);
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics));
        return loaded.Policy;
    }
}
