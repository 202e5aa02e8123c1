using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace McpShield.Server.Tests.Contract;

/// <summary>One operation of the API as the API itself describes it.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Path">The path, parameters in braces.</param>
/// <param name="Node">What <c>/openapi.json</c> says of it.</param>
internal sealed record ApiOperation(HttpMethod Method, string Path, JsonObject Node)
{
    public string Id => (string?)Node["operationId"] ?? $"{Method} {Path}";

    public IReadOnlySet<string> Statuses { get; } = Node["responses"]!.AsObject().Select(static answer => answer.Key).ToHashSet(StringComparer.Ordinal);

    public IEnumerable<JsonObject> Parameters => Node["parameters"]?.AsArray().Select(static parameter => parameter!.AsObject()) ?? [];

    public JsonNode? BodySchema => Node["requestBody"]?["content"]?["application/json"]?["schema"];

    public bool NeedsKey => Node["security"]?.AsArray().Any(static scheme => scheme!.AsObject().ContainsKey("key")) is true;

    public bool NeedsUser => Node["security"]?.AsArray().Any(static scheme => scheme!.AsObject().ContainsKey("user")) is true;
}

/// <summary>The API's description of itself.</summary>
internal sealed class ApiDescription(JsonNode document)
{
    public JsonNode Document => document;

    public IReadOnlyList<ApiOperation> Operations { get; } =
    [
        .. document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject()
            .Where(static member => member.Key is "get" or "post" or "put" or "patch" or "delete")
            .Select(member => new ApiOperation(new(member.Key.ToUpperInvariant()), path.Key, member.Value!.AsObject()))),
    ];

    public static async Task<ApiDescription> ReadAsync(HttpClient http, CancellationToken ct) => new((await http.GetFromJsonAsync<JsonNode>("/openapi.json", ct))!);

    /// <summary>The schema that a reference leads to, or the schema itself.</summary>
    public JsonNode? Resolve(JsonNode? schema)
    {
        for (var hops = 0; hops < 8 && (string?)schema?["$ref"] is { } reference; hops++)
        {
            schema = reference.Split('/').Skip(1).Aggregate(document, static (node, name) => node[name]!);
        }

        return schema;
    }
}
