using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions;

/// <summary>A call as conditions see it: its arguments in canonical form, worked out once, and the place where they say what they met.</summary>
internal sealed class CallFacts(ToolCall call, PolicySettings settings)
{
    private List<DecisionDetail>? details;
    private List<string>? notes;
    private IReadOnlyList<PathValue>? paths;
    private IReadOnlyList<UrlValue>? urls;

    public ToolCall Call { get; } = call;

    public CallContext Context => Call.Context;

    public JsonView Arguments => Call.Arguments;

    /// <summary>Only the answer is wanted; what is met on the way is not kept.</summary>
    public bool IsBrief { get; init; }

    /// <summary>What was met so far by the rule being looked at.</summary>
    public List<DecisionDetail> Details => details ??= [];

    /// <summary>What the conditions of this rule cannot see.</summary>
    public List<string> Notes => notes ??= [];

    /// <summary>The arguments that are paths by their name or value.</summary>
    public IReadOnlyList<PathValue> Paths => paths ??= [.. ArgumentSelector.Select(Arguments, ArgumentKind.Path).Select(ToPath)];

    /// <summary>The arguments that are URLs by their name or value.</summary>
    public IReadOnlyList<UrlValue> Urls => urls ??= [.. ArgumentSelector.Select(Arguments, ArgumentKind.Url).Select(ToUrl)];

    public IReadOnlyList<PathValue> PathsIn(IReadOnlyList<ParameterName>? parameters) =>
        parameters is null ? Paths : [.. ArgumentSelector.Named(Arguments, parameters).Select(ToPath)];

    public IReadOnlyList<UrlValue> UrlsIn(IReadOnlyList<ParameterName>? parameters) =>
        parameters is null ? Urls : [.. ArgumentSelector.Named(Arguments, parameters).Select(ToUrl)];

    public Truth Meet(Truth value, DetailCode code, string message, string? pointer = null)
    {
        if (!IsBrief) Details.Add(new(code, message, pointer));
        return value;
    }

    /// <summary>Says what the condition cannot see.</summary>
    public void Note(string note)
    {
        if (!IsBrief) Notes.Add(note);
    }

    private PathValue ToPath(SelectedArgument argument)
    {
        if (argument.Value.AsString() is not { } text) return new(argument.Pointer, null, DetailCode.WrongType, "a path must be a string");
        if (ArgumentSelector.LooksLikeUrl(text)) return new(argument.Pointer, null, DetailCode.NotCanonicalPath, "the path is a URL");
        var path = CanonicalPath.Of(text, settings.PathStyle, settings.WorkingDirectory, out var problem);
        return new(argument.Pointer, path, DetailCode.NotCanonicalPath, path is null ? $"the path has no canonical form: {problem}" : "");
    }

    private static UrlValue ToUrl(SelectedArgument argument)
    {
        if (argument.Value.AsString() is not { } text) return new(argument.Pointer, null, DetailCode.WrongType, "a URL must be a string");
        var url = CanonicalUrl.Of(text, out var problem);
        return new(argument.Pointer, url, DetailCode.NotCanonicalUrl, url is null ? $"the URL has no canonical form: {problem}" : "");
    }
}

/// <summary>A path argument; without a canonical form, what is wrong.</summary>
internal sealed record PathValue(string Pointer, string? Path, DetailCode Code, string Problem);

/// <summary>A URL argument; without a canonical form, what is wrong.</summary>
internal sealed record UrlValue(string Pointer, CanonicalUrl? Url, DetailCode Code, string Problem);
