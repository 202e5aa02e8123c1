using System.Text.RegularExpressions;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Parameters;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Policy.Schemas;

/// <summary>One schema: what it asks of one value.</summary>
internal sealed class SchemaNode
{
    public const int MaxDepth = 64;
    private const int MaxPatternInput = 64 * 1024;

    /// <summary>It says something that is not understood, so nothing can be said of a value.</summary>
    public bool IsOpaque { get; set; }

    /// <summary><c>false</c> as a schema: no value fits.</summary>
    public bool IsNever { get; set; }

    public IReadOnlyList<string>? Types { get; set; }

    /// <summary>Canonical texts of the values listed.</summary>
    public IReadOnlyList<byte[]>? Values { get; set; }

    public ExactNumber? Min { get; set; }

    public ExactNumber? Max { get; set; }

    public ExactNumber? Above { get; set; }

    public ExactNumber? Below { get; set; }

    public long MinLength { get; set; }

    public long MaxLength { get; set; } = long.MaxValue;

    public long MinCount { get; set; }

    public long MaxCount { get; set; } = long.MaxValue;

    public bool AreUnique { get; set; }

    public Regex? Pattern { get; set; }

    public Dictionary<string, SchemaNode> Properties { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Required { get; set; } = [];

    /// <summary>What members without a schema of their own must fit; <c>null</c>: there must be none.</summary>
    public SchemaNode? OtherProperties { get; set; }

    public SchemaNode? Items { get; set; }

    public List<SchemaNode> All { get; } = [];

    public List<SchemaNode> Any { get; } = [];

    public List<SchemaNode> One { get; } = [];

    /// <summary>Judges a value as a whole: it fits, and it holds no member that nothing in the schema names.</summary>
    public Truth Judge(JsonView value, int depth)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        var truth = Fits(value, named, depth);
        foreach (var (name, _) in value.Members)
        {
            if (!named.Contains(name.GetString())) truth = Kleene.And(truth, Truth.False);
        }

        return truth;
    }

    // `named` gathers the members that this schema, or one that applies at the same place, says something of.
    private Truth Fits(JsonView value, HashSet<string> named, int depth)
    {
        if (IsOpaque || depth == 0) return Truth.Error;
        if (IsNever) return Truth.False;
        var truth = Kleene.Of(Types is null || Types.Any(type => ParameterTest.IsOfType(value, type)));
        if (Values is not null)
        {
            var text = CanonicalJson.ToBytes(value);
            truth = Kleene.And(truth, Kleene.Of(Values.Any(one => one.AsSpan().SequenceEqual(text))));
        }

        truth = Kleene.And(truth, value.Kind switch
        {
            JsonKind.Number => FitsNumber(ExactNumber.Parse(value.Raw)),
            JsonKind.String => FitsText(value.GetString()),
            JsonKind.Array => FitsArray(value, depth),
            JsonKind.Object => FitsObject(value, named, depth),
            _ => Truth.True,
        });

        foreach (var part in All) truth = Kleene.And(truth, part.Fits(value, named, depth - 1));
        if (Any.Count > 0) truth = Kleene.And(truth, FitsSome(Any, value, named, depth, exactlyOne: false));
        if (One.Count > 0) truth = Kleene.And(truth, FitsSome(One, value, named, depth, exactlyOne: true));
        return truth;
    }

    private static Truth FitsSome(List<SchemaNode> parts, JsonView value, HashSet<string> named, int depth, bool exactlyOne)
    {
        var (fitting, hasError) = (0, false);
        foreach (var part in parts)
        {
            var own = new HashSet<string>(StringComparer.Ordinal);
            var truth = part.Fits(value, own, depth - 1);
            hasError |= truth is Truth.Error;
            if (truth is not Truth.True) continue;
            fitting++;
            named.UnionWith(own);
        }

        if (exactlyOne) return hasError ? Truth.Error : Kleene.Of(fitting == 1);
        return fitting > 0 ? Truth.True : hasError ? Truth.Error : Truth.False;
    }

    private Truth FitsNumber(ExactNumber number) => Kleene.Of(
        (Min is not { } min || ExactNumber.Compare(number, min) >= 0)
        && (Max is not { } max || ExactNumber.Compare(number, max) <= 0)
        && (Above is not { } above || ExactNumber.Compare(number, above) > 0)
        && (Below is not { } below || ExactNumber.Compare(number, below) < 0));

    private Truth FitsText(string text)
    {
        if (MinLength > 0 || MaxLength < long.MaxValue)
        {
            var length = text.EnumerateRunes().Count();
            if (length < MinLength || length > MaxLength) return Truth.False;
        }

        if (Pattern is null) return Truth.True;
        if (text.Length > MaxPatternInput) return Truth.Error;
        try
        {
            return Kleene.Of(Pattern.IsMatch(text));
        }
        catch (RegexMatchTimeoutException)
        {
            return Truth.Error;
        }
    }

    private Truth FitsArray(JsonView value, int depth)
    {
        var truth = Kleene.Of(value.Count >= MinCount && value.Count <= MaxCount);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in value.Items)
        {
            if (AreUnique && !seen.Add(Convert.ToHexString(CanonicalJson.ToBytes(item)))) truth = Truth.False;
            if (Items is not null) truth = Kleene.And(truth, Items.Judge(item, depth - 1));
            // An item that the schema says nothing of may be any scalar, and a container only when it is empty.
            else if (item.Kind is JsonKind.Object or JsonKind.Array && item.Count > 0) truth = Kleene.And(truth, Truth.False);
        }

        return truth;
    }

    private Truth FitsObject(JsonView value, HashSet<string> named, int depth)
    {
        var truth = Kleene.Of(value.Count >= MinCount && value.Count <= MaxCount);
        foreach (var (key, member) in value.Members)
        {
            var name = key.GetString();
            var schema = Properties.TryGetValue(name, out var own) ? own : OtherProperties;
            if (schema is null) continue;
            named.Add(name);
            truth = Kleene.And(truth, schema.Judge(member, depth - 1));
        }

        foreach (var name in Required)
        {
            if (!value[System.Text.Encoding.UTF8.GetBytes(name)].Exists) truth = Kleene.And(truth, Truth.False);
        }

        return truth;
    }
}
