using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Json;

namespace McpShield.Policy.Asking;

/// <summary>Whether what a server wants to ask a person may be asked.</summary>
internal static class ElicitationRequest
{
    private const int MaxMessage = 4_096;
    private const int MaxUrl = 2_048;

    /// <summary>What is wrong, or <c>null</c>.</summary>
    public static string? Problem(JsonView parameters)
    {
        if (AskedText.Problem(parameters) is { } text) return text;
        if (parameters["message"u8].AsString() is not { Length: > 0 and <= MaxMessage } message) return $"its message is missing or longer than {MaxMessage} characters";
        return IsByUrl(parameters)
            ? AskedMembers.Only(parameters, "mode", "message", "url", "elicitationId", "_meta") ?? UrlProblem(parameters)
            : !parameters["mode"u8].Exists || parameters["mode"u8].StringEquals("form"u8)
                ? AskedMembers.Only(parameters, "mode", "message", "requestedSchema", "_meta") ?? ElicitationForm.Problem(parameters["requestedSchema"u8], message)
                : "its mode is neither form nor url";
    }

    /// <summary>Whether the person is sent to a page instead of being shown a form.</summary>
    public static bool IsByUrl(JsonView parameters) => parameters["mode"u8].StringEquals("url"u8);

    // THREAT: the person is told that the page belongs to whoever they trust. `https://bank.example@evil.example` reads like the bank; an
    // address says nothing at all.
    private static string? UrlProblem(JsonView parameters)
    {
        if (parameters["elicitationId"u8].AsString() is not { Length: > 0 and <= 256 }) return "its elicitationId is missing or too long";
        if (parameters["url"u8].AsString() is not { Length: <= MaxUrl } text) return $"its url is missing or longer than {MaxUrl} characters";
        if (CanonicalUrl.Of(text, out var problem) is not { } url) return $"its url is not plain: {problem}";
        return url.Scheme is not "https" ? "its url is not https" : url.Host is null ? "its url names an address instead of a host" : null;
    }
}
