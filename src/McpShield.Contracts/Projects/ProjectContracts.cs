using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>Asks for a new project.</summary>
/// <param name="Name">Shown to people; unique within the organization, 1 to 100 characters.</param>
/// <param name="Environment"><c>dev</c>, <c>staging</c> or <c>prod</c>; absent: as the user's settings say, at first <c>dev</c>.</param>
/// <param name="PolicyYaml">Its first policy; absent: one that denies everything and says how to go on.</param>
public sealed record CreateProjectRequest(
    [property: Required, StringLength(100, MinimumLength = 1)] string Name,
    [property: AllowedValues(null, "dev", "staging", "prod", ErrorMessage = "must be dev, staging or prod")] string? Environment = null,
    [property: StringLength(1_000_000)] string? PolicyYaml = null);

/// <summary>Asks for changes of a project; what is absent stays.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Environment"><c>dev</c>, <c>staging</c> or <c>prod</c>.</param>
public sealed record UpdateProjectRequest(
    [property: StringLength(100, MinimumLength = 1)] string? Name = null,
    [property: AllowedValues(null, "dev", "staging", "prod", ErrorMessage = "must be dev, staging or prod")] string? Environment = null);

/// <summary>A project.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="OrganizationId">The organization that owns it.</param>
/// <param name="Name">Unique within the organization.</param>
/// <param name="Environment"><c>dev</c>, <c>staging</c> or <c>prod</c>.</param>
/// <param name="PolicyYaml">The policy in force.</param>
/// <param name="PolicyVersion">Counts the policy's versions, from 1.</param>
/// <param name="LiveKeys">Keys that are neither revoked nor expired.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
public sealed record ProjectResponse(Guid Id, Guid OrganizationId, string Name, string Environment, string PolicyYaml, int PolicyVersion, int LiveKeys, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>The shapes of projects as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateProjectRequest))]
[JsonSerializable(typeof(UpdateProjectRequest))]
[JsonSerializable(typeof(ProjectResponse))]
[JsonSerializable(typeof(Page<ProjectResponse>))]
public sealed partial class ProjectsJson : JsonSerializerContext;
