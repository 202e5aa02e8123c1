using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace McpShield.Server.Tests.Contract;

/// <summary>One operation of the API as the API itself describes it.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Path">The path, parameters in braces.</param>
/// <param name="Node">What <c>/openapi.json</c> says of it.</param>
/// <param name="Description">What it is part of.</param>
internal sealed record ApiOperation(HttpMethod Method, string Path, JsonObject Node, ApiDescription Description)
{
    public string Id => (string?)Node["operationId"] ?? $"{Method} {Path}";

    public IReadOnlySet<string> Statuses { get; } = Node["responses"]!.AsObject().Select(static answer => answer.Key).ToHashSet(StringComparer.Ordinal);

    public IEnumerable<JsonObject> Parameters => Node["parameters"]?.AsArray().Select(static parameter => parameter!.AsObject()) ?? [];

    public JsonNode? Body => Node["requestBody"]?["content"]?["application/json"];

    public JsonNode? BodySchema => Body?["schema"];

    /// <summary>Every example of the body; none: it takes no JSON.</summary>
    public IEnumerable<JsonNode> BodyExamples => Examples(Body);

    public bool NeedsKey => Node["security"]?.AsArray().Any(static scheme => scheme!.AsObject().ContainsKey("key")) is true;

    public bool NeedsUser => Node["security"]?.AsArray().Any(static scheme => scheme!.AsObject().ContainsKey("user")) is true;

    /// <summary>An answer, for instance <c>404</c>.</summary>
    public JsonNode? Answer(string status) => Description.Resolve(Node["responses"]![status]);

    /// <summary>The codes that it says no with.</summary>
    public IReadOnlyList<string> Codes(string status) => [.. Answer(status)?["content"]?["application/problem+json"]?["examples"]?.AsObject().Select(static example => example.Key) ?? []];

    public static IEnumerable<JsonNode> Examples(JsonNode? content) =>
        content?["example"] is { } one ? [one] : content?["examples"]?.AsObject().Select(static example => example.Value!["value"]!) ?? [];

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The API's description of itself.</summary>
internal sealed class ApiDescription
{
    public ApiDescription(JsonNode document)
    {
        Document = document;
        Operations =
        [
            .. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
                .Where(static member => member.Key is "get" or "post" or "put" or "patch" or "delete")
                .Select(member => new ApiOperation(new(member.Key.ToUpperInvariant()), path.Key, member.Value!.AsObject(), this))),
        ];
    }

    public JsonNode Document { get; }

    public IReadOnlyList<ApiOperation> Operations { get; }

    public static async Task<ApiDescription> ReadAsync(HttpClient http, CancellationToken ct) => new((await http.GetFromJsonAsync<JsonNode>("/openapi.json", ct))!);

    /// <summary>What a reference leads to, or the thing itself.</summary>
    public JsonNode? Resolve(JsonNode? schema)
    {
        for (var hops = 0; hops < 8 && (string?)schema?["$ref"] is { } reference; hops++)
        {
            schema = reference.Split('/').Skip(1).Aggregate(Document, static (node, name) => node[name]!);
        }

        return schema;
    }
}
