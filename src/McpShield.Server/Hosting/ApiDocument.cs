using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace McpShield.Server.Hosting;

/// <summary>The API's own description: OpenAPI 3.1 at <c>/openapi.json</c>, readable at <c>/docs</c>.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    // The reference is a script of its own on our own origin; it styles itself.
    private const string ReferencePage = "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'none'";

    public static IServiceCollection AddApiDocument(this IServiceCollection services, string version) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "MCPShield",
                Version = version,
                Description = "The control plane: people, projects, keys, policies, events, usage, audits and plans. All JSON is snake_case; errors are problem details (RFC 9457) with a stable `code`.",
                License = new() { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            };
            document.Servers = [];
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["user"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "An access token of `POST /auth/login`." },
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key", Description = "A project's key." },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            Describe(operation, context.Description.ActionDescriptor.EndpointMetadata, context.Document!);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi.json").ForAnyone();
        app.MapScalarApiReference("/docs", static options => options.WithTitle("MCPShield API").WithOpenApiRoutePattern("/openapi.json").DisableDefaultFonts())
            .ForAnyone()
            .AddEndpointFilter(static (invocation, next) =>
            {
                invocation.HttpContext.Response.Headers.ContentSecurityPolicy = ReferencePage;
                return next(invocation);
            });
    }

    // What the door and the host can answer to any request, said once instead of at every route.
    private static void Describe(OpenApiOperation operation, IList<object> metadata, OpenApiDocument document)
    {
        var guard = metadata.OfType<Guard>().LastOrDefault();
        var answers = new List<int>();
        if (guard is Guard.SignedIn or Guard.Member) Require(operation, document, "user");
        if (guard is Guard.Key) Require(operation, document, "key");
        if (guard is Guard.SignedIn or Guard.Member or Guard.Key) answers.Add(StatusCodes.Status401Unauthorized);
        if (guard is Guard.Member) answers.AddRange([StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound]);
        answers.AddRange([StatusCodes.Status400BadRequest, StatusCodes.Status429TooManyRequests, StatusCodes.Status500InternalServerError, StatusCodes.Status503ServiceUnavailable]);
        if (operation.RequestBody is not null) answers.AddRange([StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType]);
        if (metadata.OfType<Idempotency.Retryable>().Any())
        {
            answers.AddRange([StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity]);
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = Idempotency.Header,
                In = ParameterLocation.Header,
                Description = "A value of your own, 1 to 128 characters: a retry with the same one gets the first answer again, for a day.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128 },
            });
        }

        operation.Responses ??= [];
        foreach (var status in answers)
        {
            var code = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!operation.Responses.ContainsKey(code)) operation.Responses[code] = Problem(status);
        }
    }

    private static OpenApiResponse Problem(int status) => new()
    {
        Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            ["application/problem+json"] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                    {
                        ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                        ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        ["code"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        ["errors"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "For `validation`: the sentences for each field." },
                    },
                    Examples = [new JsonObject { ["status"] = status, ["code"] = "some.code", ["detail"] = "What is wrong, and what to do." }],
                },
            },
        },
    };

    private static void Require(OpenApiOperation operation, OpenApiDocument document, string scheme) =>
        (operation.Security ??= []).Add(new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] });
}
