using System.Globalization;
using McpShield.Contracts;
using McpShield.Data.Organizations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace McpShield.Server.Hosting;

/// <summary>What a route says no with, beyond what every route of its kind does.</summary>
/// <param name="Status">The status.</param>
/// <param name="Codes">The codes of its problems.</param>
internal sealed record Refusal(int Status, params string[] Codes);

/// <summary>Describes every no that an operation can say: the route's own, and those of the door and the host, said once instead of at every route.</summary>
internal static class ApiAnswers
{
    /// <summary>Says in the description what the route refuses with.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder route, int status, params string[] codes) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Refusal(status, codes));

    public static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var document = context.Document!;
        if (document.Components?.Schemas?.ContainsKey(nameof(ProblemResponse)) is not true) document.AddComponent(nameof(ProblemResponse), Complete(await context.GetOrCreateSchemaAsync(typeof(ProblemResponse), null, ct)));
        foreach (var status in RefusalsOf(operation, context.Description.ActionDescriptor.EndpointMetadata, context.Description.RelativePath ?? "").GroupBy(static refusal => refusal.Status))
        {
            var codes = status.SelectMany(static refusal => refusal.Codes).Distinct(StringComparer.Ordinal).ToList();
            var id = $"{status.Key.ToString(CultureInfo.InvariantCulture)}-{string.Join('-', codes)}";
            if (document.Components?.Responses?.ContainsKey(id) is not true) document.AddComponent(id, Describe(status.Key, codes, document));
            (operation.Responses ??= [])[status.Key.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponseReference(id, document);
        }

        var sorted = new OpenApiResponses();
        foreach (var (status, response) in operation.Responses!.OrderBy(static answer => answer.Key, StringComparer.Ordinal)) sorted.Add(status, response);
        operation.Responses = sorted;
    }

    /// <summary>Every no of an operation, its status and its codes.</summary>
    public static IEnumerable<Refusal> RefusalsOf(OpenApiOperation operation, IList<object> metadata, string path)
    {
        // Probes answer whatever happens, and nobody counts them.
        var isCounted = !metadata.OfType<RequestLimits.NoRequestLimit>().Any();
        var asks = operation.RequestBody is not null || operation.Parameters?.Any(static parameter => parameter.In is ParameterLocation.Query && parameter.Name != Door.OrganizationParameter) is true;
        if (asks) yield return new(StatusCodes.Status400BadRequest, "validation", "request.unreadable");
        if (operation.RequestBody is not null)
        {
            yield return new(StatusCodes.Status413PayloadTooLarge, "request.too-large");
            yield return new(StatusCodes.Status415UnsupportedMediaType, "request.not-json");
        }

        switch (metadata.OfType<Guard>().LastOrDefault())
        {
            case Guard.SignedIn:
                yield return new(StatusCodes.Status401Unauthorized, "auth.required");
                break;
            case Guard.Member(var permission):
                yield return new(StatusCodes.Status401Unauthorized, "auth.required");
                if (Enum.GetValues<Role>().Any(role => !role.May(permission))) yield return new(StatusCodes.Status403Forbidden, "permission.missing");
                yield return new(StatusCodes.Status404NotFound, path.Contains($"{{{Door.ProjectParameter}", StringComparison.Ordinal) ? "project.not-found" : "organization.not-found");
                break;
            case Guard.Key:
                yield return new(StatusCodes.Status401Unauthorized, "key.invalid");
                yield return new(StatusCodes.Status503ServiceUnavailable, "not_ready");
                break;
        }

        if (metadata.OfType<Idempotency.Retryable>().Any())
        {
            yield return new(StatusCodes.Status400BadRequest, "idempotency.key");
            yield return new(StatusCodes.Status409Conflict, "idempotency.in-progress");
            yield return new(StatusCodes.Status422UnprocessableEntity, "idempotency.reused");
        }

        foreach (var own in metadata.OfType<Refusal>()) yield return own;
        if (path.Contains('{', StringComparison.Ordinal)) yield return new(StatusCodes.Status404NotFound, "route.not-found"); // what has not the form of an id
        if (isCounted) yield return new(StatusCodes.Status429TooManyRequests, "requests.too-many");
        yield return new(StatusCodes.Status500InternalServerError, "internal");
        if (isCounted) yield return new(StatusCodes.Status503ServiceUnavailable, "unavailable");
    }

    // The record is made for reading whatever some proxy on the way may answer; what we answer is whole, and names the request.
    private static OpenApiSchema Complete(OpenApiSchema problem)
    {
        problem.Required = new HashSet<string>(["type", "title", "status", "detail", "code"], StringComparer.Ordinal);
        foreach (var (_, member) in problem.Properties!.Where(member => problem.Required.Contains(member.Key))) ((OpenApiSchema)member).Type &= ~JsonSchemaType.Null;
        problem.Properties!["trace_id"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Names the request, for the operator's log." };
        return problem;
    }

    private static OpenApiResponse Describe(int status, List<string> codes, OpenApiDocument document)
    {
        var response = new OpenApiResponse
        {
            Description = $"{ReasonPhrases.GetReasonPhrase(status)}: {string.Join(", ", codes.Select(static code => $"`{code}`"))}.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/problem+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchemaReference(nameof(ProblemResponse), document),
                    Examples = codes.ToDictionary(static code => code, code => (IOpenApiExample)new OpenApiExample { Value = ApiExamples.Problem(status, code) }, StringComparer.Ordinal),
                },
            },
        };
        if (status == StatusCodes.Status429TooManyRequests) response.Headers = ApiHeader.Described(new ApiHeader(status, "Retry-After", "Seconds to wait."));
        if (status == StatusCodes.Status401Unauthorized) response.Headers = ApiHeader.Described(new ApiHeader(status, "WWW-Authenticate", "Always `Bearer`, where a token or key is missing."));
        return response;
    }
}
