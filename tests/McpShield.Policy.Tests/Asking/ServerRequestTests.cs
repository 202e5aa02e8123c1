using System.Text;
using McpShield.Policy.Asking;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Asking;

/// <summary>What servers may ask, decided without a gateway.</summary>
public sealed class ServerRequestTests
{
    private const string All = "server_requests: {elicitation: allow, sampling: allow, roots: allow}\n";

    [Theory]
    [InlineData("", "elicitation/create", Outcome.Deny)]
    [InlineData("server_requests: {}\n", "roots/list", Outcome.Deny)]
    [InlineData("server_requests: {sampling: allow, roots: deny}\n", "roots/list", Outcome.Deny)]
    [InlineData("mode: shadow\n", "roots/list", Outcome.Deny)]
    [InlineData("default: allow\n", "roots/list", Outcome.Deny)]
    [InlineData("server_requests: {roots: allow}\n", "roots/list", Outcome.Allow)]
    [InlineData(All, "Roots/list", Outcome.Deny)]
    [InlineData(All, "tools/call", Outcome.Deny)]
    public void A_kind_is_allowed_by_its_own_word_and_by_nothing_else(string keys, string method, Outcome outcome)
    {
        var decision = Decide(keys, method, "{}");

        Assert.Equal(outcome, decision.Outcome);
        Assert.Equal(outcome is Outcome.Allow ? (Reason.Rule, "server_requests.roots") : (Reason.ServerRequestDenied, null), (decision.Reason, decision.Rule));
    }

    [Theory]
    [InlineData("password")]
    [InlineData("newPassword2")]
    [InlineData("PASS_WORD")]
    [InlineData("p4ssw0rd")]
    [InlineData("api-key")]
    [InlineData("OpenAIApiKey")]
    [InlineData("accessToken")]
    [InlineData("token")]
    [InlineData("PIN")]
    [InlineData("userPin")]
    [InlineData("card.no")]
    [InlineData("cvv2")]
    [InlineData("client_secret")]
    [InlineData("otp")]
    public void A_field_that_is_named_like_a_secret_is_refused_when_it_is_typed_and_not_when_it_is_chosen(string name)
    {
        Assert.Equal(Outcome.Deny, Form(name, "\"type\":\"string\"").Outcome);
        Assert.Equal(Outcome.Deny, Form(name, "\"type\":\"integer\"").Outcome);
        Assert.Equal(Outcome.Deny, Form("x", $"\"type\":\"string\",\"title\":\"{name}\"").Outcome);
        Assert.Equal(Outcome.Allow, Form(name, "\"type\":\"boolean\"").Outcome);
        Assert.Equal(Outcome.Allow, Form(name, "\"type\":\"string\",\"enum\":[\"keep\",\"rotate\"]").Outcome);
    }

    [Theory]
    [InlineData("opinion")]
    [InlineData("shipping")]
    [InlineData("discard")]
    [InlineData("compass")]
    [InlineData("firstName")]
    [InlineData("keyboard")]
    public void A_word_that_only_holds_the_letters_of_one_is_none(string name) => Assert.Equal(Outcome.Allow, Form(name, "\"type\":\"string\"").Outcome);

    [Theory]
    [InlineData("""{"x":{"type":"string","minLength":1,"maxLength":5,"format":"email","default":"a"}}""", true)]
    [InlineData("""{"x":{"type":"array","items":{"type":"string","enum":["a"]},"minItems":1}}""", true)]
    [InlineData("""{"x":{"type":"array","items":{"anyOf":[{"const":"a","title":"A"}]}}}""", true)]
    [InlineData("""{"x":{"type":"string","oneOf":[{"const":"a","title":"A"}]}}""", true)]
    [InlineData("""{"x":{"type":"array","items":{"type":"string"}}}""", false)]
    [InlineData("""{"x":{"type":["string","null"]}}""", false)]
    [InlineData("""{"x":{"$ref":"#/$defs/y"}}""", false)]
    [InlineData("""{"x":{"type":"string","writeOnly":true}}""", false)]
    [InlineData("""{"x":{"type":"string","enum":[]}}""", false)]
    [InlineData("""{"x":{"type":"string","enum":[1]}}""", false)]
    [InlineData("""{"x y":{"type":"string"}}""", false)]
    [InlineData("""{"x":{"type":"string","title":"a\u200bb"}}""", false)]
    [InlineData("""{"x":{"type":"string","title":"a\udb40\udc41b"}}""", false)]
    public void A_form_is_flat_and_of_known_parts(string fields, bool allowed) => Assert.Equal(allowed, Form(fields).Outcome is Outcome.Allow);

    [Theory]
    [InlineData("""{"messages":[],"maxTokens":1,"tools":[]}""")]
    [InlineData("""{"messages":[],"maxTokens":1,"includeContext":"allServers"}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"maxTokens":1}""")]
    [InlineData("""{"messages":[{"role":"system","content":{"type":"text","text":"a"}}],"maxTokens":1}""")]
    [InlineData("""{"messages":[{"role":"user","content":{"type":"tool_use"}}],"maxTokens":1}""")]
    public void A_model_is_asked_with_messages_and_nothing_else(string parameters) => Assert.Equal(Reason.ServerRequestDenied, Decide(All, "sampling/createMessage", parameters).Reason);

    private static Decision Form(string name, string members) => Form($"{{\"{name}\":{{{members}}}}}");

    private static Decision Form(string fields) => Decide(All, "elicitation/create", """{"message":"Please","requestedSchema":{"type":"object","properties":""" + fields + "}}");

    private static Decision Decide(string keys, string method, string parameters)
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(parameters), JsonLimits.Arguments, out var tree, out var fault), fault.Message);
        using (tree) return ServerRequestAuthorizer.Decide(PolicyLoader.Load($"version: 1\n{keys}rules: []\n").Policy!, method, tree!.Root);
    }
}
