using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Server.Hosting;
using McpShield.Server.Tests.Contract;
using McpShield.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.OnceOnly;

/// <summary>The API's description is what outsiders build on: reviewed, and with nothing left unsaid.</summary>
public sealed class ApiDocumentTests(ShieldServer server)
{
    // Another protocol, and the description itself with its page.
    private static readonly string[] NotDescribed = ["ANY /mcp", "GET /docs/favicon.svg", "GET /docs/scalar.aspnetcore.js", "GET /docs/scalar.js", "GET /docs/{documentName}", "GET /openapi.json"];

    // Of two at once, or of more than there is room for: no test can make these happen for sure.
    private static readonly string[] Rare = ["audits.verifying", "billing.changed", "events.overloaded", "project.changed"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_description_is_reviewed() =>
        Approved.Matches(Sorted((await ReadAsync()).Document)!.ToJsonString(Indented), "tests/McpShield.Server.Tests/OnceOnly/openapi.approved.json");

    [Fact]
    public async Task Every_route_is_described_or_says_why_not()
    {
        var described = (await ReadAsync()).Operations.Select(static operation => operation.ToString());
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(static door => (door.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method => $"{method} {PathOf(door.RoutePattern.RawText!)}"));
        Assert.Equal(routes.Except(NotDescribed, StringComparer.Ordinal).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_left_unsaid()
    {
        var description = await ReadAsync();
        var tags = description.Document["tags"]!.AsArray().Select(static tag => (string?)tag!["name"]).ToHashSet();
        Assert.All(description.Operations, operation =>
        {
            Assert.False(string.IsNullOrWhiteSpace((string?)operation.Node["operationId"]), "no id");
            Assert.False(string.IsNullOrWhiteSpace((string?)operation.Node["summary"]), "no summary");
            Assert.Contains((string?)operation.Node["tags"]?.AsArray().Single(), tags);
            Assert.Contains(operation.Statuses, static status => status[0] == '2');
            Assert.All(operation.Parameters, static parameter => Assert.False(string.IsNullOrWhiteSpace((string?)parameter["description"]), $"{parameter["name"]} is not described"));
            Assert.True(operation.BodySchema is null || operation.BodyExamples.Any(), "no example of the body");
            foreach (var status in operation.Statuses)
            {
                var contents = operation.Answer(status)?["content"]?.AsObject() ?? [];
                Assert.False(string.IsNullOrWhiteSpace((string?)operation.Answer(status)?["description"]), $"{status} is not described");
                Assert.True(contents["application/json"] is not { } json || ApiOperation.Examples(json).Any(), $"no example of {status}");
                Assert.True(status[0] is not ('4' or '5') || operation.Id.StartsWith("health", StringComparison.Ordinal) || operation.Codes(status).Count > 0, $"{status} has no code");
            }
        });
    }

    [Fact]
    public async Task Whoever_guards_an_operation_is_described()
    {
        var guards = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(static door => door.Metadata.GetMetadata<EndpointNameMetadata>() is not null)
            .ToDictionary(static door => door.Metadata.GetMetadata<EndpointNameMetadata>()!.EndpointName, static door => door.Metadata.GetMetadata<Guard>(), StringComparer.Ordinal);
        Assert.All((await ReadAsync()).Operations, operation =>
        {
            var guard = guards[operation.Id];
            Assert.Equal((guard is Guard.Key, guard is Guard.SignedIn or Guard.Member), (operation.NeedsKey, operation.NeedsUser));
            Assert.Equal(guard is not Guard.Anyone, operation.Codes("401").Any(static code => code is "auth.required" or "key.invalid"));
        });
    }

    [Fact]
    public async Task Every_example_is_what_its_schema_says()
    {
        var description = await ReadAsync();
        var check = new SchemaCheck(description);
        Assert.All(description.Operations, operation =>
        {
            Assert.All(operation.BodyExamples, example => Assert.Empty(check.Findings(example, operation.BodySchema)));
            foreach (var content in operation.Statuses.SelectMany(status => operation.Answer(status)?["content"]?.AsObject() ?? []))
            {
                Assert.All(ApiOperation.Examples(content.Value), example => Assert.Empty(check.Findings(example, content.Value!["schema"])));
            }

            foreach (var parameter in operation.Parameters.Where(static parameter => parameter["example"] is not null)) Assert.Empty(check.Findings(parameter["example"], parameter["schema"]));
        });
    }

    [Fact]
    public async Task Every_code_of_a_refusal_is_met_by_a_test()
    {
        // Those of 429: TooManyTests asks for every one.
        var tests = string.Concat(Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests/McpShield.Server.Tests"), "*.cs", SearchOption.AllDirectories).Where(static file => !file.EndsWith(nameof(ApiDocumentTests) + ".cs", StringComparison.Ordinal)).Select(File.ReadAllText));
        var codes = (await ReadAsync()).Operations.SelectMany(static operation => operation.Statuses.Where(static status => status != "429").SelectMany(operation.Codes)).Distinct(StringComparer.Ordinal).ToList();
        Assert.Empty(codes.Except(Rare, StringComparer.Ordinal).Where(code => !tests.Contains($"\"{code}\"", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static string PathOf(string pattern) => System.Text.RegularExpressions.Regex.Replace(pattern, @"[:?]\w*\}", "}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)) is { Length: > 1 } path ? path.TrimEnd('/') : "/";

    private async Task<ApiDescription> ReadAsync()
    {
        using var visitor = server.Visitor();
        return await ApiDescription.ReadAsync(visitor, Ct);
    }

    // Paths and components stand in the order in which they were met; a review wants them where they were.
    private static JsonNode? Sorted(JsonNode? document)
    {
        var sorted = document!.DeepClone();
        foreach (var map in new[] { sorted["paths"]! }.Concat(sorted["components"]!.AsObject().Select(static map => map.Value!)).Select(static map => map.AsObject()))
        {
            var members = map.OrderBy(static member => member.Key, StringComparer.Ordinal).Select(static member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())).ToList();
            map.Clear();
            foreach (var (name, value) in members) map.Add(name, value);
        }

        return sorted;
    }
}
