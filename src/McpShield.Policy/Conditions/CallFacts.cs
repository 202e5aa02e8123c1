using System.Runtime.InteropServices;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions;

/// <summary>A call as conditions see it: its arguments in canonical form, worked out once, and the place where they say what they met.</summary>
internal sealed class CallFacts
{
    // Beyond this many arguments the lists are not kept for the next call.
    private const int MaxKept = 256;

    [ThreadStatic]
    private static CallFacts? spare;

    private readonly List<SelectedArgument> selected = [];
    private readonly List<SelectedArgument> named = [];
    private readonly List<PathValue> paths = [];
    private readonly List<UrlValue> urls = [];
    private readonly List<PathValue> namedPaths = [];
    private readonly List<UrlValue> namedUrls = [];
    private readonly TextBuffer texts = new();
    private readonly TextBuffer namedTexts = new();
    private PolicySettings settings;
    private bool hasSelected;
    private bool hasPaths;
    private bool hasUrls;

    public CallFacts(ToolCall call, PolicySettings settings) => (Call, this.settings) = (call, settings);

    public ToolCall Call { get; private set; }

    public CallContext Context => Call.Context;

    public JsonView Arguments => Call.Arguments;

    /// <summary>Only the answer is wanted; what is met on the way is not kept.</summary>
    public bool IsBrief { get; init; }

    /// <summary>What was met so far by the rule being looked at.</summary>
    public List<DecisionDetail> Details { get; } = [];

    /// <summary>What the conditions of this rule cannot see.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Facts for a look at which only the answer counts; to be given back, so that the next call of this thread takes no memory.</summary>
    public static CallFacts Brief(ToolCall call, PolicySettings settings)
    {
        // Taken out of its place while it is in use: whoever decides within a decision gets another.
        if (spare is not { } facts) return new(call, settings) { IsBrief = true };
        spare = null;
        (facts.Call, facts.settings) = (call, settings);
        return facts;
    }

    /// <summary>Ends the use of facts from <see cref="Brief"/>.</summary>
    public void GiveBack()
    {
        // INVARIANT: nothing of a call is there for the next one.
        if (hasSelected) selected.Clear();
        if (hasPaths) paths.Clear();
        if (hasUrls) urls.Clear();
        named.Clear();
        namedPaths.Clear();
        namedUrls.Clear();
        texts.Clear();
        namedTexts.Clear();
        (hasSelected, hasPaths, hasUrls) = (false, false, false);
        (Call, settings) = (null!, null!);
        if (selected.Capacity <= MaxKept && named.Capacity <= MaxKept) spare = this;
    }

    /// <summary>The arguments that a path condition looks at: those it names, else those that are paths by their name or value. Valid until the next question.</summary>
    public ReadOnlySpan<PathValue> PathsIn(IReadOnlyList<ParameterName>? parameters)
    {
        if (parameters is null)
        {
            if (!hasPaths) Collect(Selected(), ArgumentKind.Path, texts, paths, static (facts, argument, texts) => facts.ToPath(argument, texts));
            hasPaths = true;
            return CollectionsMarshal.AsSpan(paths);
        }

        namedPaths.Clear();
        Collect(Named(parameters), ArgumentKind.Neither, namedTexts, namedPaths, static (facts, argument, texts) => facts.ToPath(argument, texts));
        return CollectionsMarshal.AsSpan(namedPaths);
    }

    /// <summary>The arguments that a URL condition looks at; as <see cref="PathsIn"/>.</summary>
    public ReadOnlySpan<UrlValue> UrlsIn(IReadOnlyList<ParameterName>? parameters)
    {
        if (parameters is null)
        {
            if (!hasUrls) Collect(Selected(), ArgumentKind.Url, texts, urls, static (facts, argument, texts) => facts.ToUrl(argument, texts));
            hasUrls = true;
            return CollectionsMarshal.AsSpan(urls);
        }

        namedUrls.Clear();
        Collect(Named(parameters), ArgumentKind.Neither, namedTexts, namedUrls, static (facts, argument, texts) => facts.ToUrl(argument, texts));
        return CollectionsMarshal.AsSpan(namedUrls);
    }

    /// <summary>The characters of a string argument. Valid until the next question.</summary>
    public ReadOnlySpan<char> TextOf(JsonView value)
    {
        namedTexts.Clear();
        return namedTexts.Read(value).Span;
    }

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

    private List<SelectedArgument> Selected()
    {
        if (!hasSelected) ArgumentSelector.Select(Arguments, withPointers: !IsBrief, selected);
        hasSelected = true;
        return selected;
    }

    private List<SelectedArgument> Named(IReadOnlyList<ParameterName> parameters)
    {
        named.Clear();
        namedTexts.Clear();
        ArgumentSelector.Named(Arguments, parameters, withPointers: !IsBrief, named);
        return named;
    }

    private void Collect<T>(List<SelectedArgument> from, ArgumentKind kind, TextBuffer texts, List<T> into, Func<CallFacts, SelectedArgument, TextBuffer, T> convert)
    {
        foreach (var argument in from)
        {
            if (argument.Kind == kind) into.Add(convert(this, argument, texts));
        }
    }

    private PathValue ToPath(SelectedArgument argument, TextBuffer texts)
    {
        if (argument.Value.Kind is not JsonKind.String) return new(argument.Pointer, default, DetailCode.WrongType, "a path must be a string");
        var given = texts.Read(argument.Value);

        // Only a brief look takes the short cut: so asking for a decision and for its explanation compares the two ways.
        if (IsBrief && settings.PathStyle is PathStyle.Posix && PlainPath.Is(given.Span)) return new(argument.Pointer, given, default, null);
        if (ArgumentSelector.LooksLikeUrl(given.Span)) return new(argument.Pointer, default, DetailCode.NotCanonicalPath, "the path is a URL");
        var path = CanonicalPath.Of(given.ToString(), settings.PathStyle, settings.WorkingDirectory, out var problem);
        return new(argument.Pointer, path.AsMemory(), DetailCode.NotCanonicalPath, path is null ? $"the path has no canonical form: {problem}" : null);
    }

    private UrlValue ToUrl(SelectedArgument argument, TextBuffer texts)
    {
        if (argument.Value.Kind is not JsonKind.String) return new(argument.Pointer, default, DetailCode.WrongType, "a URL must be a string");
        var given = texts.Read(argument.Value);
        if (IsBrief && PlainUrl.TryRead(given, out var scheme, out var host, out var port)) return new(argument.Pointer, new(scheme, host, null, port), default, null);
        var url = CanonicalUrl.Of(given.ToString(), out var problem);
        return new(argument.Pointer, url is null ? default : UrlParts.Of(url), DetailCode.NotCanonicalUrl, url is null ? $"the URL has no canonical form: {problem}" : null);
    }
}

/// <summary>A path argument.</summary>
/// <param name="Pointer">Where it stands; <c>null</c> in a brief look.</param>
/// <param name="Path">Its canonical form.</param>
/// <param name="Code">What kind of problem it has, when it has one.</param>
/// <param name="Problem">Why it has no canonical form; <c>null</c> when it has one.</param>
internal readonly record struct PathValue(string? Pointer, ReadOnlyMemory<char> Path, DetailCode Code, string? Problem);

/// <summary>A URL argument; as <see cref="PathValue"/>.</summary>
internal readonly record struct UrlValue(string? Pointer, UrlParts Url, DetailCode Code, string? Problem);
