using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace McpShield.Server.Hosting;

/// <summary>What the description says of a parameter of a route, beyond its type.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
internal sealed record ApiParameter(string Name, string Description)
{
    public ParameterLocation In { get; init; } = ParameterLocation.Query;

    public int? Minimum { get; init; }

    public int? Maximum { get; init; }

    public int? MaxLength { get; init; }

    /// <summary>All that it can be, where that is a list.</summary>
    public string[]? Values { get; init; }

    /// <summary>What somebody might ask for. Not for a filter: the page's example of a request would find nothing.</summary>
    public JsonNode? Example { get; init; }

    private string? Format { get; init; }

    /// <summary>Those that mean the same wherever they stand.</summary>
    private static readonly FrozenDictionary<string, ApiParameter> Common = new ApiParameter[]
    {
        new("cursor", "`next_cursor` of the page before; absent: the first page."),
        new("limit", "As many entries as a page has at most.") { Minimum = 1, Maximum = Cursor.MaxLimit },
        new(Door.OrganizationParameter, "An organization that you are a member of; absent: your own."),
        new("project_id", "Only what belongs to this project."),
        Path("projectId", "The project.", Sample.Project),
        Path("keyId", "The key: its id, not the key itself.", Sample.Key),
        Path("auditId", "The decision or action.", Sample.Decision),
        Path("invoiceId", "The invoice.", Sample.Invoice),
        Path("invitationId", "The invitation.", Sample.Invitation),
        Path("userId", "The member.", Sample.Colleague),
        Path("sessionId", "The session.", Sample.Session),
        new("version", "The version, from 1.") { In = ParameterLocation.Path, Minimum = 1, Example = 1 },
    }.ToFrozenDictionary(static parameter => parameter.Name, StringComparer.Ordinal);

    public static void Describe(OpenApiOperation operation, IList<object> metadata)
    {
        var own = metadata.OfType<ApiParameter>().ToList();
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            if ((own.Find(one => one.Name == parameter.Name) ?? Common.GetValueOrDefault(parameter.Name ?? "")) is { } known) known.Describe(parameter);
        }

        foreach (var header in own.Where(static one => one.In is ParameterLocation.Header)) header.AddTo(operation);
        if (metadata.OfType<Guard>().LastOrDefault() is Guard.Member && operation.Parameters?.Any(static one => one.Name == Door.ProjectParameter) is not true) (Common[Door.OrganizationParameter] with { Format = "uuid" }).AddTo(operation);
    }

    private static ApiParameter Path(string name, string description, Guid example) => new(name, description) { In = ParameterLocation.Path, Example = example.ToString("D") };

    private void AddTo(OpenApiOperation operation)
    {
        var parameter = new OpenApiParameter { Name = Name, In = In, Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = Format } };
        Describe(parameter);
        (operation.Parameters ??= []).Add(parameter);
    }

    private void Describe(OpenApiParameter parameter)
    {
        parameter.Description = Description;
        parameter.Example = Example?.DeepClone();
        if (parameter.Schema is not OpenApiSchema schema) return;
        schema.Minimum = Minimum?.ToString(CultureInfo.InvariantCulture) ?? schema.Minimum;
        schema.Maximum = Maximum?.ToString(CultureInfo.InvariantCulture) ?? schema.Maximum;
        schema.MaxLength = MaxLength ?? schema.MaxLength;
        if (Values is not null) schema.Enum = [.. Values.Select(static value => (JsonNode)value)];
    }
}

/// <summary>A header that an answer of a route carries.</summary>
/// <param name="Status">The answer's status.</param>
/// <param name="Name">The header.</param>
/// <param name="Description">What it says.</param>
internal sealed record ApiHeader(int Status, string Name, string Description)
{
    public static void Describe(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var header in metadata.OfType<ApiHeader>())
        {
            if (operation.Responses?[header.Status.ToString(CultureInfo.InvariantCulture)] is OpenApiResponse response) response.Headers = Described(header);
        }
    }

    public static Dictionary<string, IOpenApiHeader> Described(ApiHeader header) => new(StringComparer.Ordinal)
    {
        [header.Name] = new OpenApiHeader { Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
    };
}

/// <summary>Says in the description what a route takes and gives beside its body.</summary>
internal static class ApiParameterExtensions
{
    public static TBuilder Takes<TBuilder>(this TBuilder route, params ApiParameter[] parameters) where TBuilder : IEndpointConventionBuilder => route.WithMetadata([.. parameters]);

    public static TBuilder TakesHeader<TBuilder>(this TBuilder route, string name, string description, int? maxLength = null) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ApiParameter(name, description) { In = ParameterLocation.Header, MaxLength = maxLength });

    public static TBuilder GivesHeader<TBuilder>(this TBuilder route, int status, string name, string description) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new ApiHeader(status, name, description));
}
