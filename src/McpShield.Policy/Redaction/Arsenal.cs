using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace McpShield.Policy.Redaction;

/// <summary>The detectors that a set of filters asks for, and the quick question whether a text can hold anything for them.</summary>
internal sealed class Arsenal
{
    private readonly ImmutableArray<(ArmedDetector Armed, SearchValues<string>? Cues)> detectors;
    private readonly SearchValues<string> allCues;
    private readonly bool hasNumeric;

    public Arsenal(IReadOnlyList<Filter> filters)
    {
        detectors = [.. DetectorTable.All.Select((detector, order) => Arm(detector, order, filters)).OfType<ArmedDetector>().Select(static armed => (armed, Values(armed.Detector.Cues)))];
        hasNumeric = detectors.Any(static one => one.Cues is null);
        allCues = SearchValues.Create([.. detectors.SelectMany(static one => one.Armed.Detector.Cues)], StringComparison.OrdinalIgnoreCase);
    }

    public bool Hashes => detectors.Any(static one => one.Armed.Action is FilterAction.Hash);

    /// <summary>Whether nothing can be found: plain text without a digit where numbers are sought, and without any cue.</summary>
    public bool IsSurelyClean(ReadOnlySpan<char> text) =>
        !(hasNumeric && text.ContainsAnyInRange('0', '9')) && Ascii.IsValid(text) && !text.Contains("\\u", StringComparison.Ordinal) && !text.ContainsAny(allCues);

    /// <summary>Every match; false when there are too many.</summary>
    public bool TryFind(string text, ReadOnlySpan<char> name, bool withTags, List<Hit> hits)
    {
        if (IsSurelyClean(text) && !name.ContainsAny(allCues)) return true;
        var folded = FoldedText.Of(text);
        var sight = new Sight(folded.Text, name);
        var hasDigits = folded.Text.AsSpan().ContainsAnyInRange('0', '9');
        foreach (var (armed, cues) in detectors)
        {
            if (!withTags && armed.Action is FilterAction.Tag) continue;
            if (cues is null ? !hasDigits : !(sight.Text.ContainsAny(cues) || name.ContainsAny(cues))) continue;
            var matches = new Matches();
            armed.Detector.Scan(sight, matches);
            foreach (var (start, end) in matches.Found)
            {
                var (from, to) = folded.Original(start, end);
                hits.Add(Hit.Of(from, to, armed));
            }

            if (matches.IsOverflowing || hits.Count > Matches.MaxCount) return false;
        }

        return true;
    }

    private static SearchValues<string>? Values(ImmutableArray<string> cues) => cues.IsEmpty ? null : SearchValues.Create(cues.AsSpan(), StringComparison.OrdinalIgnoreCase);

    private static ArmedDetector? Arm(Detector detector, int order, IReadOnlyList<Filter> filters)
    {
        var asking = filters.Where(filter => filter.Detectors.Contains(detector.Name, StringComparer.Ordinal)).ToList();
        if (asking.Count == 0) return null;
        var strictest = asking.MinBy(static filter => filter.Action)!;
        return new(detector, order, strictest.Name, detector.AlwaysBlocks ? FilterAction.Block : strictest.Action,
            [.. asking.Where(static filter => filter.Action is FilterAction.Tag).Select(static filter => filter.Name)]);
    }
}
