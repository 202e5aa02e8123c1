using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Server.Features.Audits;
using McpShield.Server.Features.Auth;
using McpShield.Server.Features.Billing;
using McpShield.Server.Features.Evaluation;
using McpShield.Server.Features.Events;
using McpShield.Server.Features.Health;
using McpShield.Server.Features.Keys;
using McpShield.Server.Features.Mail;
using McpShield.Server.Features.Me;
using McpShield.Server.Features.Members;
using McpShield.Server.Features.Policies;
using McpShield.Server.Features.Projects;
using McpShield.Server.Features.Usage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace McpShield.Server.Hosting;

/// <summary>An example of a shape of the API: a real one, so that it changes with the shape.</summary>
/// <param name="Type">The shape.</param>
/// <param name="Value">The example.</param>
internal sealed record ApiExample(Type Type, object Value)
{
    public static ApiExample Of<T>(T value) where T : notnull => new(typeof(T), value);

    public static ApiExample PageOf<T>(params T[] items) => Of(new Page<T>(items, NextCursor: null));
}

/// <summary>An answer of a route in something else than JSON, as an example shows it.</summary>
/// <param name="Status">The answer's status.</param>
/// <param name="MediaType">What it is in.</param>
/// <param name="Text">The example; <c>null</c>: it is no text.</param>
internal sealed record ApiText(int Status, string MediaType, string? Text);

/// <summary>A body that a route takes as well as the one that it accepts.</summary>
/// <param name="Type">Its shape.</param>
internal sealed record ApiAlternative(Type Type);

/// <summary>Puts the features' examples into the description.</summary>
internal static class ApiExamples
{
    private static readonly FrozenDictionary<Type, object> All = new[]
    {
        HealthExamples.All, AuthExamples.All, MeExamples.All, MailExamples.All, MemberExamples.All, ProjectExamples.All, KeyExamples.All, PolicyExamples.All, EvaluationExamples.All, EventExamples.All,
        AuditExamples.All, UsageExamples.All, BillingExamples.All,
    }.SelectMany(static examples => examples).ToFrozenDictionary(static example => example.Type, static example => example.Value);

    /// <summary>Shows an answer that is no JSON.</summary>
    public static TBuilder GivesText<TBuilder>(this TBuilder route, int status, string mediaType, string text) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new ApiText(status, mediaType, text));

    /// <summary>Says that an answer is a file.</summary>
    public static TBuilder GivesFile<TBuilder>(this TBuilder route, int status, string mediaType) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new ApiText(status, mediaType, Text: null));

    /// <summary>Says that the body may also be a <typeparamref name="T"/>.</summary>
    public static RouteHandlerBuilder TakesAlso<T>(this RouteHandlerBuilder route) => route.WithMetadata(new ApiAlternative(typeof(T)));

    public static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (context.Description.ParameterDescriptions.FirstOrDefault(static parameter => parameter.Source.Id == "Body") is { Type: { } asked } && JsonIn(operation.RequestBody?.Content) is { } body)
        {
            body.Example = Of(asked, json);
            if (metadata.OfType<ApiAlternative>().FirstOrDefault() is { Type: { } other }) Offer(body, other, json, context.Document!);
        }

        foreach (var answer in context.Description.SupportedResponseTypes.Where(static answer => answer.Type is not null && answer.Type != typeof(void)))
        {
            if (JsonIn(ContentOf(operation, answer.StatusCode)) is { } content) content.Example = Of(answer.Type!, json);
        }

        foreach (var text in metadata.OfType<ApiText>())
        {
            if (ContentOf(operation, text.Status) is { } content) content[text.MediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = text.Text is null ? "binary" : null }, Example = text.Text };
        }
    }

    /// <summary>A problem as an answer holds it.</summary>
    public static JsonNode Problem(int status, string code)
    {
        var details = Problems.Details(status, code, "What is wrong and what to do, in words.");
        var problem = new ProblemResponse(details.Type, details.Title, status, details.Detail, code);
        problem = code switch
        {
            "validation" => problem with { Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { ["name"] = ["must have 1 to 100 characters"] } },
            "policy.invalid" => problem with { Diagnostics = [PolicyExamples.Diagnostic] },
            _ => problem,
        };
        return JsonSerializer.SerializeToNode(problem, ServiceJson.Default.ProblemResponse)!;
    }

    private static JsonNode? Of(Type type, JsonSerializerOptions json) => All.TryGetValue(type, out var example) ? JsonSerializer.SerializeToNode(example, json.GetTypeInfo(type)) : null;

    private static void Offer(OpenApiMediaType body, Type other, JsonSerializerOptions json, OpenApiDocument document)
    {
        body.Examples = new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
        {
            ["one"] = new OpenApiExample { Value = Of(other, json) },
            ["several"] = new OpenApiExample { Value = body.Example },
        };
        body.Example = null;
        body.Schema = new OpenApiSchema { OneOf = [new OpenApiSchemaReference(other.Name, document), body.Schema!] };
    }

    private static IDictionary<string, OpenApiMediaType>? ContentOf(OpenApiOperation operation, int status) =>
        operation.Responses is { } responses && responses.TryGetValue(status.ToString(CultureInfo.InvariantCulture), out var found) && found is OpenApiResponse response
            ? response.Content ??= new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            : null;

    private static OpenApiMediaType? JsonIn(IDictionary<string, OpenApiMediaType>? content) => content is not null && content.TryGetValue("application/json", out var json) ? json : null;
}
