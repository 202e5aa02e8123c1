namespace McpShield.Web.Components;

/// <summary>An identifier in an address. An empty choice of a form is an empty text, and no identifier.</summary>
internal static class QueryId
{
    public static Guid? Of(string? text) => Guid.TryParse(text, out var id) ? id : null;
}
