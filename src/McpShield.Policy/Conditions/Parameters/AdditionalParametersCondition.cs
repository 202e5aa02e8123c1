using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Parameters;

/// <summary><c>additional_parameters: deny</c>: nothing stands in the arguments beyond what <c>parameters</c> of the same block names.</summary>
internal sealed class AdditionalParametersCondition(IReadOnlyList<ParameterName> named) : Condition("additional_parameters")
{
    private const int MaxOnStack = 128;

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        // Which of the names lead to the value being looked at, as their indexes.
        var leading = named.Count <= MaxOnStack ? stackalloc int[named.Count] : new int[named.Count];
        for (var i = 0; i < named.Count; i++) leading[i] = i;
        return IsCovered(call, call.Arguments, leading, depth: 0) ? Truth.True : Truth.False;
    }

    public static Condition? Build(YamlMap block) => block.Find("additional_parameters") is not null && block.Find("parameters") is YamlMap parameters
        ? new AdditionalParametersCondition([.. parameters.Entries.Select(static entry => ParameterName.Parse(entry.Key.Text)).OfType<ParameterName>()])
        : null;

    // A container is covered when it is named, or when it only leads to what is named.
    private bool IsCovered(CallFacts call, JsonView value, Span<int> leading, int depth)
    {
        var covered = true;
        foreach (var (key, member) in value.Members)
        {
            var count = 0;
            for (var i = 0; i < leading.Length; i++)
            {
                if (named[leading[i]].HasStep(depth, key)) MoveTo(leading, i, count++);
            }

            covered &= IsMemberCovered(call, member, leading[..count], depth + 1);
        }

        var index = 0;
        foreach (var item in value.Items)
        {
            var count = 0;
            for (var i = 0; i < leading.Length; i++)
            {
                if (named[leading[i]].HasStep(depth, index)) MoveTo(leading, i, count++);
            }

            index++;
            covered &= IsMemberCovered(call, item, leading[..count], depth + 1);
        }

        return covered;
    }

    private bool IsMemberCovered(CallFacts call, JsonView member, Span<int> leading, int depth)
    {
        foreach (var name in leading)
        {
            if (named[name].Depth == depth) return true;
        }

        // THREAT: with only `/filter/year` named, the string `filter` would be a parameter that nobody looks at.
        if (leading.Length > 0 && member.Kind is (JsonKind.Object or JsonKind.Array)) return IsCovered(call, member, leading, depth);
        call.Meet(Truth.False, DetailCode.ParameterExtra, "a parameter that the rule does not know");
        return false;
    }

    // The names stay the same; only their order changes, and nothing depends on that.
    private static void MoveTo(Span<int> names, int from, int to) => (names[from], names[to]) = (names[to], names[from]);
}
