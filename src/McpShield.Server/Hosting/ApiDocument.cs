using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace McpShield.Server.Hosting;

/// <summary>The API's own description: OpenAPI 3.1 at <c>/openapi.json</c>, readable at <c>/docs</c>.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Authentication", "Registering, codes, signing in, staying in, leaving."),
        ("Me", "What a person reads and changes about themselves."),
        ("Organizations", "The people of an organization, and the way into it."),
        ("Projects", "What keys and policies belong to."),
        ("Keys", "With one of them a program comes in."),
        ("Policies", "What decides, its history, and what a draft would do."),
        ("Decisions", "Decisions on calls that the asker carries out itself."),
        ("Events", "What agents did and clients decided."),
        ("Audits", "Every decision and every action, on record."),
        ("Usage", "What an organization uses."),
        ("Billing", "Plans, subscriptions, invoices."),
        ("Health", "What the program is, and whether it works."),
        ("Development", "Only where a server runs in development."),
    ];

    public static IServiceCollection AddApiDocument(this IServiceCollection services, string version) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            ApiSchemas.Describe(schema, context);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static async (operation, context, ct) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            Require(operation, metadata.OfType<Guard>().LastOrDefault(), context.Document!);
            ApiParameter.Describe(operation, metadata);
            ApiHeader.Describe(operation, metadata);
            ApiExamples.Describe(operation, context);
            await ApiAnswers.DescribeAsync(operation, context, ct);
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            Introduce(document, version);
            ApiSchemas.Settle(document);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi.json").ForAnyone();
        app.MapScalarApiReference("/docs", static (options, context) =>
        {
            options.WithTitle("MCPShield API").WithOpenApiRoutePattern("/openapi.json").DisableDefaultFonts().DisableAgent().DisableMcp().DisableTelemetry().HideDeveloperTools().HideClientButton();

            // THREAT: the page asks for tokens and keys, to try requests with. Only the scripts that it came with run there, and they reach this origin only; it styles itself.
            var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            options.WithNonce(nonce);
            context.Response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'none'";
        }).ForAnyone();
    }

    private static void Introduce(OpenApiDocument document, string version)
    {
        document.Info = new()
        {
            Title = "MCPShield",
            Version = version,
            Description =
                """
                The control plane: people, projects, keys, policies, events, usage, audits and plans.

                All JSON is in snake_case, and members without a value are left out. Times are RFC 3339, in UTC. An answer that says no is a problem document (RFC 9457): its `code` never changes
                and is what programs go by, `detail` is for people. `429` says in `Retry-After` how long to wait. A request with a member that is not described here is refused.

                People sign in (`POST /auth/login`) and send `Authorization: Bearer …`; programs send a project's key as `X-API-Key`. What belongs to somebody else answers as if it did not exist.
                """,
            License = new() { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            Contact = new() { Name = "MCPShield", Url = new("https://mcpshield.xyz") },
        };

        // Wherever this is read, it is from the server that it describes.
        document.Servers = [new() { Url = "/", Description = "This server." }];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            ["user"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "An access token of `POST /auth/login`." },
            ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key", Description = "A project's key." },
        };
        document.Tags = new HashSet<OpenApiTag>(Tags.Select(static tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
    }

    private static void Require(OpenApiOperation operation, Guard? guard, OpenApiDocument document)
    {
        var scheme = guard switch
        {
            Guard.SignedIn or Guard.Member => "user",
            Guard.Key => "key",
            _ => null,
        };
        if (scheme is not null) (operation.Security ??= []).Add(new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] });
    }
}
