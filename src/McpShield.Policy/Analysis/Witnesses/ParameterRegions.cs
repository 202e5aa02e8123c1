using System.Globalization;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Parameters;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>Named parameters: every value listed and a fresh one, each type, numbers at and around their bounds, lengths at theirs, absence.</summary>
internal sealed class ParameterRegions
{
    // Values of each type, so that a wrong one is always among them.
    private static readonly string[] OfEachType = ["\"zz-fresh\"", "424242", "424242.5", "true", "null", "[]", "{}"];

    private readonly SortedDictionary<string, Region> byPointer = new(StringComparer.Ordinal);

    public bool HasExtra { get; set; }

    public IEnumerable<string> Pointers => byPointer.Keys;

    public void Add(YamlMap parameters)
    {
        foreach (var (name, value) in parameters.Entries)
        {
            if (ParameterName.Parse(name.Text) is { } parameter && value is YamlMap test) At(parameter.Pointer).Add(test);
        }
    }

    /// <summary>Values that another condition tells apart at the same place.</summary>
    public void AddValues(string pointer, IEnumerable<string> values) => At(pointer).Values.AddRange(values);

    public IEnumerable<Dimension> Build(HashSet<string> unproved)
    {
        foreach (var (pointer, region) in byPointer)
        {
            // Something that stands inside another named parameter: their values hide one another.
            if (byPointer.Keys.Any(other => other != pointer && pointer.StartsWith(other + "/", StringComparison.Ordinal))) unproved.Add($"`{pointer}` lies inside another named parameter");
            yield return ValueLists.At(pointer, region.All(pointer, unproved));
        }

        if (HasExtra) yield return ValueLists.At("/zz_extra", ["1"]);
    }

    private Region At(string pointer) => byPointer.TryGetValue(pointer, out var region) ? region : byPointer[pointer] = new();

    private sealed class Region
    {
        private readonly SortedSet<decimal> bounds = [];
        private readonly SortedSet<long> lengths = [];
        private readonly SortedSet<long> counts = [];
        private readonly SortedSet<string> patterns = new(StringComparer.Ordinal);
        private bool hasOddNumber;

        public List<string> Values { get; } = [];

        public void Add(YamlMap test)
        {
            foreach (var (key, value) in test.Entries)
            {
                switch (key.Text)
                {
                    case "enum" or "const":
                        Values.AddRange(NodeReader.Items(value).Select(static item => System.Text.Encoding.UTF8.GetString(YamlJson.ToBytes(item))));
                        break;
                    case "min" or "max":
                        if (decimal.TryParse(((YamlScalar)value).Text, NumberStyles.Number, CultureInfo.InvariantCulture, out var bound) && Math.Abs(bound) < 1e12m) bounds.Add(bound);
                        else hasOddNumber = true;
                        break;
                    case "min_length" or "max_length":
                        lengths.Add(NodeReader.Integer(value) ?? 0);
                        break;
                    case "max_items":
                        counts.Add(NodeReader.Integer(value) ?? 0);
                        break;
                    case "pattern":
                        patterns.Add(NodeReader.Text(value) ?? "");
                        break;
                }
            }
        }

        public IEnumerable<string> All(string pointer, HashSet<string> unproved)
        {
            var isCrossed = lengths.Count > 0 || Values.Count > 0;
            if (patterns.Count > 1 || (patterns.Count == 1 && isCrossed)) unproved.Add($"`{pointer}` has a pattern beside other tests");
            if (hasOddNumber) unproved.Add($"`{pointer}` has a bound that is too large to try");
            if (lengths.Any(static length => length > 10_000) || counts.Any(static count => count > 1_000)) unproved.Add($"`{pointer}` has a limit that is too large to try");

            foreach (var source in patterns)
            {
                var (match, other) = Samples(source);
                if (match is null || other is null) unproved.Add($"no value was found that the pattern of `{pointer}` matches");
                if (match is not null) yield return JsonTexts.Quote(match);
                if (other is not null) yield return JsonTexts.Quote(other);
            }

            foreach (var value in Values) yield return value;
            foreach (var value in OfEachType) yield return value;
            foreach (var number in Numbers()) yield return number.ToString(CultureInfo.InvariantCulture);
            foreach (var length in lengths.Where(static length => length <= 10_000).SelectMany(static length => (long[])[length - 1, length, length + 1]).Where(static length => length >= 0).Distinct()) yield return JsonTexts.Quote(new string('z', (int)length));
            foreach (var count in counts.Where(static count => count <= 1_000).SelectMany(static count => (long[])[count, count + 1])) yield return $"[{string.Join(',', Enumerable.Repeat("1", (int)count))}]";
        }

        private IEnumerable<decimal> Numbers()
        {
            decimal? before = null;
            foreach (var bound in bounds)
            {
                yield return bound;
                yield return Math.Floor(bound) - 1;
                yield return Math.Floor(bound) + 1;
                yield return bound - 0.5m;
                yield return bound + 0.5m;
                if (before is { } lower) yield return (lower + bound) / 2;
                before = bound;
            }
        }

        private static (string? Match, string? Other) Samples(string source)
        {
            var scope = new ConditionScope(new(), PolicySettings.Default);
            return ParameterTest.Compile(source, new YamlScalar(source, IsPlain: false, 1, 1), scope) is { } pattern ? (RegexSample.Matching(pattern, source), RegexSample.Other(pattern)) : (null, null);
        }
    }
}
