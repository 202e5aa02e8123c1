using System.Text.RegularExpressions;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Parameters;

/// <summary>What one parameter must be. JSON types are strict: <c>"50"</c> is neither 50 nor true.</summary>
internal sealed class ParameterTest(ParameterName name)
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(200);
    private const RegexOptions PatternOptions = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private const int MaxPatternInput = 64 * 1024;

    public ParameterName Name { get; } = name;

    public bool IsRequired { get; set; } = true;

    public bool IsForbidden { get; set; }

    public string? Type { get; set; }

    public IReadOnlyList<Literal>? OneOf { get; set; }

    public Regex? Pattern { get; set; }

    public ExactNumber? Min { get; set; }

    public ExactNumber? Max { get; set; }

    public long? MinLength { get; set; }

    public long? MaxLength { get; set; }

    public long? MaxItems { get; set; }

    public Truth Evaluate(CallFacts call)
    {
        var value = Name.Find(call.Arguments);
        if (IsForbidden) return value.Exists ? call.Meet(Truth.False, DetailCode.ParameterExtra, "the parameter is forbidden", Name.Pointer) : Truth.True;
        if (!value.Exists) return IsRequired ? call.Meet(Truth.False, DetailCode.ParameterMissing, "the parameter is missing", Name.Pointer) : Truth.True;

        var result = Truth.True;
        if (Type is not null) result = Kleene.And(result, IsOfType(value, Type) ? Truth.True : WrongType(call, Type));
        if (OneOf is not null) result = Kleene.And(result, IsOneOf(call, value, OneOf));
        if (Pattern is not null) result = Kleene.And(result, MatchesPattern(call, value, Pattern));
        if (Min is not null || Max is not null) result = Kleene.And(result, IsInRange(call, value));
        if (MinLength is not null || MaxLength is not null) result = Kleene.And(result, HasLength(call, value));
        if (MaxItems is { } most)
        {
            result = Kleene.And(result, value.Kind is not JsonKind.Array ? WrongType(call, "array") : value.Count <= most ? Truth.True : Outside(call, "the list has more items than the rule lets pass"));
        }

        return result;
    }

    public static bool IsOfType(JsonView value, string type) => type switch
    {
        "string" => value.Kind is JsonKind.String,
        "number" => value.Kind is JsonKind.Number,
        "integer" => value.Kind is JsonKind.Number && ExactNumber.Parse(value.Raw).IsInteger,
        "boolean" => value.Kind is JsonKind.True or JsonKind.False,
        "array" => value.Kind is JsonKind.Array,
        "object" => value.Kind is JsonKind.Object,
        _ => value.Kind is JsonKind.Null,
    };

    private Truth IsOneOf(CallFacts call, JsonView value, IReadOnlyList<Literal> literals)
    {
        var isOfType = false;
        for (var i = 0; i < literals.Count; i++)
        {
            if (literals[i].IsEqualTo(value)) return Truth.True;
            isOfType |= literals[i].IsOfTypeOf(value);
        }

        return isOfType ? Outside(call, "the value is not among those that the rule lists") : WrongType(call, "of the type that the rule lists");
    }

    private Truth MatchesPattern(CallFacts call, JsonView value, Regex pattern)
    {
        if (value.Kind is not JsonKind.String) return WrongType(call, "string");
        var text = call.TextOf(value);
        if (text.Length > MaxPatternInput) return call.Meet(Truth.Error, DetailCode.Size, "the value is too long to be matched", Name.Pointer);
        try
        {
            return pattern.IsMatch(text) ? Truth.True : Outside(call, "the value does not match the pattern of the rule");
        }
        catch (RegexMatchTimeoutException)
        {
            return call.Meet(Truth.Error, DetailCode.TimeOut, "matching the value took too long", Name.Pointer);
        }
    }

    private Truth IsInRange(CallFacts call, JsonView value)
    {
        if (value.Kind is not JsonKind.Number) return WrongType(call, "number");
        var number = ExactNumber.Parse(value.Raw);
        var isInside = (Min is not { } min || ExactNumber.Compare(number, min) >= 0) && (Max is not { } max || ExactNumber.Compare(number, max) <= 0);
        return isInside ? Truth.True : Outside(call, "the number is outside the range of the rule");
    }

    private Truth HasLength(CallFacts call, JsonView value)
    {
        if (value.Kind is not JsonKind.String) return WrongType(call, "string");
        var length = value.CountCodePoints();
        return length >= (MinLength ?? 0) && length <= (MaxLength ?? long.MaxValue) ? Truth.True : Outside(call, "the text is shorter or longer than the rule lets pass");
    }

    private Truth WrongType(CallFacts call, string expected) => call.Meet(Truth.Error, DetailCode.WrongType, $"the parameter must be {expected}", Name.Pointer);

    private Truth Outside(CallFacts call, string message) => call.Meet(Truth.False, DetailCode.ParameterValue, message, Name.Pointer);

    /// <summary>Compiles a pattern: the whole string, in linear time.</summary>
    public static Regex? Compile(string pattern, YamlNode at, ConditionScope scope)
    {
        try
        {
            // THREAT: `a)|(?:b` would close the group around it and match a part of the string. So it must compile by itself first.
            _ = new Regex(pattern, PatternOptions, PatternTimeout);
            return new(@"\A(?:" + pattern + @")\z", PatternOptions, PatternTimeout);
        }
        catch (NotSupportedException)
        {
            scope.Diagnostics.Error("pattern", $"the pattern `{pattern}` cannot be matched in linear time", at, "write it without back-references, look-around and large counts");
        }
        catch (ArgumentException broken)
        {
            scope.Diagnostics.Error("pattern", $"the pattern does not compile: {broken.Message.TrimEnd('.')}", at);
        }

        return null;
    }
}

/// <summary>A scalar of a policy as a JSON value.</summary>
internal sealed record Literal(JsonKind Kind, string Text)
{
    public static Literal Of(YamlScalar scalar) => scalar switch
    {
        { IsNull: true } => new(JsonKind.Null, "null"),
        { IsBoolean: true } => new(scalar.Text[0] is 't' or 'T' ? JsonKind.True : JsonKind.False, ""),
        { IsNumber: true } => new(JsonKind.Number, scalar.Text),
        _ => new(JsonKind.String, scalar.Text),
    };

    public bool IsOfTypeOf(JsonView value) => value.Kind == Kind || (IsBoolean(Kind) && IsBoolean(value.Kind));

    private static bool IsBoolean(JsonKind kind) => kind is JsonKind.True or JsonKind.False;

    public bool IsEqualTo(JsonView value) => value.Kind == Kind && Kind switch
    {
        JsonKind.String => value.StringEquals(Text),
        JsonKind.Number => ExactNumber.Compare(ExactNumber.Parse(value.Raw), ExactNumber.Parse(Text)) == 0,
        _ => true,
    };
}
