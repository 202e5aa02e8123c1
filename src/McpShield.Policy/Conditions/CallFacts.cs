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
    private bool hasNamed;

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
        if (hasNamed) ForgetNamed();
        texts.Clear();
        (hasSelected, hasPaths, hasUrls, hasNamed) = (false, false, false, false);
        (Call, settings) = (null!, null!);
        if (selected.Capacity <= MaxKept && named.Capacity <= MaxKept) spare = this;
    }

    /// <summary>The arguments that a path condition looks at: those it names, else those that are paths by their name or value. Valid until the next question.</summary>
    public ReadOnlySpan<PathValue> PathsIn(IReadOnlyList<ParameterName>? parameters)
    {
        if (parameters is null)
        {
            if (!hasPaths) AddPaths(Selected(), texts, paths);
            hasPaths = true;
            return CollectionsMarshal.AsSpan(paths);
        }

        AddPaths(Named(parameters), namedTexts, namedPaths);
        return CollectionsMarshal.AsSpan(namedPaths);
    }

    /// <summary>The arguments that a URL condition looks at; as <see cref="PathsIn"/>.</summary>
    public ReadOnlySpan<UrlValue> UrlsIn(IReadOnlyList<ParameterName>? parameters)
    {
        if (parameters is null)
        {
            if (!hasUrls) AddUrls(Selected(), texts, urls);
            hasUrls = true;
            return CollectionsMarshal.AsSpan(urls);
        }

        AddUrls(Named(parameters), namedTexts, namedUrls);
        return CollectionsMarshal.AsSpan(namedUrls);
    }

    /// <summary>The characters of a string argument. Valid until the next question.</summary>
    public ReadOnlySpan<char> TextOf(JsonView value)
    {
        namedTexts.Clear();
        hasNamed = true;
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

    // The answer to the question before is no longer needed: there may be many questions about named arguments, and room for one is enough.
    private void ForgetNamed()
    {
        named.Clear();
        namedPaths.Clear();
        namedUrls.Clear();
        namedTexts.Clear();
    }

    private List<SelectedArgument> Named(IReadOnlyList<ParameterName> parameters)
    {
        ForgetNamed();
        hasNamed = true;
        ArgumentSelector.Named(Arguments, parameters, withPointers: !IsBrief, named);
        return named;
    }

    private void AddPaths(List<SelectedArgument> from, TextBuffer room, List<PathValue> into)
    {
        foreach (ref readonly var argument in CollectionsMarshal.AsSpan(from))
        {
            if (argument.Kind is not ArgumentKind.Url) into.Add(ToPath(argument, room));
        }
    }

    private void AddUrls(List<SelectedArgument> from, TextBuffer room, List<UrlValue> into)
    {
        foreach (ref readonly var argument in CollectionsMarshal.AsSpan(from))
        {
            if (argument.Kind is not ArgumentKind.Path) into.Add(ToUrl(argument, room));
        }
    }

    private PathValue ToPath(in SelectedArgument argument, TextBuffer room)
    {
        if (argument.Value.Kind is not JsonKind.String) return new(argument.Pointer, default, DetailCode.WrongType, "a path must be a string");
        var given = room.Read(argument.Value);

        // Only a brief look takes the short cut: so asking for a decision and for its explanation compares the two ways.
        if (IsBrief && settings.PathStyle is PathStyle.Posix && PlainPath.Is(given.Span)) return new(argument.Pointer, given, default, null);
        if (ArgumentSelector.LooksLikeUrl(given.Span)) return new(argument.Pointer, default, DetailCode.NotCanonicalPath, "the path is a URL");
        var path = CanonicalPath.Of(given.ToString(), settings.PathStyle, settings.WorkingDirectory, out var problem);
        return new(argument.Pointer, path.AsMemory(), DetailCode.NotCanonicalPath, path is null ? $"the path has no canonical form: {problem}" : null);
    }

    private UrlValue ToUrl(in SelectedArgument argument, TextBuffer room)
    {
        if (argument.Value.Kind is not JsonKind.String) return new(argument.Pointer, default, DetailCode.WrongType, "a URL must be a string");
        var given = room.Read(argument.Value);
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
