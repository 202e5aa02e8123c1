using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Tests.OnceOnly;

/// <summary>What is said of a wrong field is said in the words of the API: nobody outside knows the names of our records' members.</summary>
public sealed class FieldSentenceTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_attribute_of_every_request_has_a_sentence_of_ours()
    {
        var attributes = typeof(ContractsJson).Assembly.GetExportedTypes().SelectMany(static type => type.GetProperties())
            .SelectMany(static property => property.GetCustomAttributes<ValidationAttribute>().Select(attribute => (property.Name, Sentence: FieldSentences.Of(attribute.FormatErrorMessage(property.Name))))).ToList();
        Assert.True(attributes.Count > 50, "the requests have attributes");
        Assert.All(attributes, static one =>
        {
            Assert.DoesNotContain(one.Name, one.Sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("field", one.Sentence, StringComparison.OrdinalIgnoreCase);
            Assert.Matches("^(must|is) [^.]*[^. ]$", one.Sentence.Replace("example.com", "example", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task A_wrong_request_is_told_which_fields_are_wrong_by_the_names_they_have_in_JSON()
    {
        using var visitor = server.Visitor();
        using var answer = await visitor.PostAsync(new Uri("/auth/register", UriKind.Relative), Answers.Json($$"""{ "email": "ada", "password": "short", "first_name": "", "last_name": "{{new string('x', 101)}}", "company": "{{new string('x', 201)}}" }"""), Ct);
        var errors = (await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]!;
        Assert.True(JsonNode.DeepEquals(errors, new JsonObject
        {
            ["email"] = new JsonArray("must be an e-mail address, like ada@example.com"),
            ["password"] = new JsonArray("must have 10 to 128 characters"),
            ["first_name"] = new JsonArray("is required"),
            ["last_name"] = new JsonArray("must have 1 to 100 characters"),
            ["company"] = new JsonArray("must have at most 200 characters"),
        }), errors.ToJsonString());
    }

    [Fact]
    public async Task A_wrong_field_deep_in_a_request_is_told_with_where_it_stands()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        using var answer = await ada.Http.PostAsync(new Uri($"/projects/{project.Id:D}/policy/simulate", UriKind.Relative), Answers.Json("""{ "calls": [{ "tool": "fs.read" }, { "tool": "" }] }"""), Ct);
        var errors = (await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]!;
        Assert.True(JsonNode.DeepEquals(errors, new JsonObject { ["calls[1].tool"] = new JsonArray("is required") }), errors.ToJsonString());
    }
}
