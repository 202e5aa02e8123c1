using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Parameters;

/// <summary><c>additional_parameters: deny</c>: nothing stands in the arguments beyond what <c>parameters</c> of the same block names.</summary>
internal sealed class AdditionalParametersCondition(IReadOnlyList<ParameterName> named) : Condition("additional_parameters")
{
    public override Truth Evaluate(CallFacts call, Reading reading) => IsCovered(call, call.Arguments, []) ? Truth.True : Truth.False;

    public static Condition? Build(YamlMap block) => block.Find("additional_parameters") is not null && block.Find("parameters") is YamlMap parameters
        ? new AdditionalParametersCondition([.. parameters.Entries.Select(static entry => ParameterName.Parse(entry.Key.Text)).OfType<ParameterName>()])
        : null;

    // A container is covered when it is named, or when it only leads to what is named.
    private bool IsCovered(CallFacts call, JsonView value, List<string> path)
    {
        var covered = true;
        foreach (var (key, member) in value.Members)
        {
            path.Add(key.GetString());
            covered &= IsMemberCovered(call, member, path);
            path.RemoveAt(path.Count - 1);
        }

        var index = 0;
        foreach (var item in value.Items)
        {
            path.Add((index++).ToString(System.Globalization.CultureInfo.InvariantCulture));
            covered &= IsMemberCovered(call, item, path);
            path.RemoveAt(path.Count - 1);
        }

        return covered;
    }

    private bool IsMemberCovered(CallFacts call, JsonView member, List<string> path)
    {
        var leads = false;
        foreach (var name in named)
        {
            if (!name.StartsWith(path)) continue;
            if (name.Depth == path.Count) return true;
            leads = true;
        }

        // THREAT: with only `/filter/year` named, the string `filter` would be a parameter that nobody looks at.
        if (leads && member.Kind is (JsonKind.Object or JsonKind.Array)) return IsCovered(call, member, path);
        call.Meet(Truth.False, DetailCode.ParameterExtra, "a parameter that the rule does not know");
        return false;
    }
}
