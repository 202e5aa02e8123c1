using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace McpShield.Contracts;

/// <summary>How the shapes of the API become JSON: members in <c>snake_case</c>, absent values left out.</summary>
public static class ContractsJson
{
    /// <summary>All shapes, each feature's with its own generated code.</summary>
    public static IJsonTypeInfoResolver Resolver { get; } = JsonTypeInfoResolver.Combine(
        ServiceJson.Default,
        ProjectsJson.Default,
        AuditsJson.Default,
        AuthJson.Default,
        MeJson.Default,
        OutboxJson.Default,
        KeysJson.Default,
        OrganizationsJson.Default,
        PoliciesJson.Default,
        EventsJson.Default,
        EvaluationJson.Default,
        UsageJson.Default,
        BillingContractsJson.Default);
}

/// <summary>The shapes that belong to no feature.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceInfo))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(ProblemResponse))]
public sealed partial class ServiceJson : JsonSerializerContext;
