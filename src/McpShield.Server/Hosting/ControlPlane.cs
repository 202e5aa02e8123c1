using System.Text.Json;
using McpShield.Contracts;
using McpShield.Data.Secrets;
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
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Hosting;

/// <summary>The control plane as a table of contents: what it needs, what every request passes, and its features.</summary>
internal static class ControlPlane
{
    /// <summary>The largest body of any request; features may ask for less.</summary>
    public const long MaxBodyBytes = 4 * 1024 * 1024;

    public static void AddControlPlane(this IServiceCollection services, ServerOptions options)
    {
        var settings = options.Settings;
        services.AddRouting();
        services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true); // answered by Failures, in words
        services.ConfigureHttpJsonOptions(static json => UseStrictJson(json.SerializerOptions));
        services.AddValidation();
        services.AddProblemDetails(static problems => problems.CustomizeProblemDetails = Problems.Complete);
        services.AddExceptionHandler<Failures>();
        services.AddRequestLimits();
        services.AddApiDocument(options.Version);
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. settings.CorsOrigins]).AllowAnyMethod().AllowAnyHeader().AllowCredentials().WithExposedHeaders("ETag", "Retry-After", "Location")));

        var secret = settings.JwtSecret ?? Convert.FromBase64String(LocalSecrets.Get(options.DataDirectory, "jwt.key"));
        services.AddSingleton(new AccessTokens(secret, settings.AccessTokenLifetime, options.Clock));
        services.AddSingleton(DataKeyOf(options));
        services.AddSingleton<Visitors>();
        services.AddSingleton<AuditTail>().AddHostedService(static services => services.GetRequiredService<AuditTail>());
        services.AddAuth();
        services.AddSingleton<PolicyWork>().AddSingleton<PolicyBudget>().AddScoped<PolicySaving>().AddScoped<RecordedCallReader>();
        services.AddSingleton<EventWriter>().AddSingleton<PlanCache>();
        services.AddBackgroundWork(options);
    }

    public static void UseControlPlane(this WebApplication app, ServerOptions options)
    {
        // Order matters: headers are on every answer, failures are answered in words, and nothing is counted or handled before the door.
        app.UseSecurityHeaders(options.Settings.IsProduction);
        app.UseExceptionHandler();
        app.UseStatusCodePages(Failures.DescribeAsync);
        app.UseCors();
        app.UseRouting();
        app.UseMiddleware<Door>();
        app.UseRateLimiter();
        app.UseIdempotency();

        app.MapApiDocument();
        app.MapHealth();
        app.MapAuth();
        app.MapMe();
        app.MapMail();
        app.MapProjects();
        app.MapAudits();
        app.MapKeys();
        app.MapPolicies();
        app.MapMembers();
        app.MapEvents();
        app.MapEvaluation();
        app.MapUsage();
        app.MapBilling();
    }

    /// <summary>What is read is exactly what is declared: another member, another case or the same member twice is an error.</summary>
    internal static void UseStrictJson(JsonSerializerOptions json)
    {
        json.TypeInfoResolverChain.Insert(0, ContractsJson.Resolver);
        json.Converters.Add(new TextWithoutNul());
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.PropertyNameCaseInsensitive = false;
        json.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        json.UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow;
        json.AllowDuplicateProperties = false;
        json.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull;
        json.MaxDepth = 32;
    }

    private static DataKey DataKeyOf(ServerOptions options)
    {
        var keys = (options.Settings.DataKeys ?? LocalSecrets.Get(options.DataDirectory, "data.key")).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return DataKey.Parse(keys[0], keys[1..]);
        }
        catch (FormatException wrong)
        {
            throw new StartFailedException($"MCPSHIELD_DATA_KEY is not set right: {wrong.Message}", wrong);
        }
    }
}
