using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Server.Hosting;

namespace McpShield.Server.Tests.Contract;

/// <summary>What every operation says to a request that is none, asked of the API's own list of operations.</summary>
public sealed class WrongRequestTests(ShieldServer server)
{
    private static readonly string[] Bodies = ["", "{", "7", "[]", "\"x\"", """{"no_such_member":1}""", """{"a":1,"a":2}"""];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_is_not_what_is_described_is_a_bad_request()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        foreach (var operation in await OperationsAsync(ada))
        {
            var path = await ada.PathAsync(operation.Path, Ct);
            foreach (var body in Bodies)
            {
                // A body that may be absent may be empty.
                if (body.Length == 0 && (bool?)operation.Node["requestBody"]!["required"] is not true) continue;

                // By contract: what cannot be read as a call is a call that is denied, on record.
                var isDenied = operation.Id == "policy.evaluate" && body is "" or "{" or """{"a":1,"a":2}""";
                using var answer = await ada.SendAsync(operation, path, Answers.Json(body), Ct);
                if (isDenied) Assert.Equal("invalid_request", (string?)(await answer.JsonAsync(Ct))["reason"]);
                else await IsAsync(operation, body, answer, HttpStatusCode.BadRequest, "validation", "request.unreadable");
            }
        }
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_is_an_unsupported_type()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        foreach (var operation in await OperationsAsync(ada))
        {
            using var answer = await ada.SendAsync(operation, await ada.PathAsync(operation.Path, Ct), new StringContent("{}", Encoding.UTF8, "text/plain"), Ct);
            await IsAsync(operation, "text/plain", answer, HttpStatusCode.UnsupportedMediaType, "request.not-json");
        }
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_it_is_read()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        using var http = server.Visitor();
        http.DefaultRequestHeaders.ExpectContinue = true;
        foreach (var operation in await OperationsAsync(ada))
        {
            using var body = new StringContent(new(' ', (int)ControlPlane.MaxBodyBytes + 1), Encoding.UTF8, "application/json");
            using var answer = await ada.SendAsync(operation, await ada.PathAsync(operation.Path, Ct), body, Ct, http);
            await IsAsync(operation, "large", answer, HttpStatusCode.RequestEntityTooLarge, "request.too-large");
        }
    }

    [Fact]
    public async Task A_parameter_that_is_not_what_is_described_is_a_bad_request()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        foreach (var operation in (await ApiDescription.ReadAsync(ada.Owner.Http, Ct)).Operations)
        {
            foreach (var parameter in operation.Parameters.Where(static parameter => (string?)parameter["in"] == "query"))
            {
                var (name, schema) = ((string)parameter["name"]!, parameter["schema"]!);
                foreach (var wrong in Wrong(schema).Where(_ => name != "organization_id"))
                {
                    using var answer = await ada.SendAsync(operation, $"{await ada.PathAsync(operation.Path, Ct)}?{name}={Uri.EscapeDataString(wrong)}", body: null, Ct);
                    await IsAsync(operation, $"{name}={wrong}", answer, HttpStatusCode.BadRequest, "validation", "request.unreadable");
                }
            }
        }
    }

    private static IEnumerable<string> Wrong(JsonNode schema)
    {
        if (schema["enum"] is not null || (string?)schema["format"] is "uuid" or "date-time" || (string?)schema["type"] is not "string") yield return "no such thing";
        if (schema["minimum"] is { } minimum) yield return ((long)minimum - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (schema["maximum"] is { } maximum) yield return ((long)maximum + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (schema["maxLength"] is { } length) yield return new('x', (int)length + 1);
    }

    private static async Task<IEnumerable<ApiOperation>> OperationsAsync(Household household) =>
        (await ApiDescription.ReadAsync(household.Owner.Http, Ct)).Operations.Where(static operation => operation.BodySchema is not null);

    private static async Task IsAsync(ApiOperation operation, string what, HttpResponseMessage answer, HttpStatusCode status, params string[] codes)
    {
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.StatusCode == status && codes.Contains((string?)JsonNode.Parse(text)?["code"], StringComparer.Ordinal), $"{operation} {what}: {(int)answer.StatusCode} {text}");
    }
}
