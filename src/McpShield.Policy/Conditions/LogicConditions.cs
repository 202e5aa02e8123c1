using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions;

/// <summary>A block of conditions, all of which must hold; also <c>all</c>.</summary>
internal sealed class AllCondition(string key, IReadOnlyList<Condition> parts) : Condition(key)
{
    public IReadOnlyList<Condition> Parts { get; } = parts;

    public override bool ReadsSession => Parts.Any(static part => part.ReadsSession);

    // Every part is looked at, also when the answer is known: the trace then says everything that was wrong.
    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var result = Truth.True;
        for (var i = 0; i < Parts.Count; i++) result = Kleene.And(result, Parts[i].Evaluate(call, reading));
        return result;
    }
}

/// <summary><c>any</c>: one of the blocks holds.</summary>
internal sealed class AnyCondition(IReadOnlyList<Condition> parts) : Condition("any")
{
    public IReadOnlyList<Condition> Parts { get; } = parts;

    public override bool ReadsSession => Parts.Any(static part => part.ReadsSession);

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var result = Truth.False;
        for (var i = 0; i < Parts.Count; i++) result = Kleene.Or(result, Parts[i].Evaluate(call, reading));
        return result;
    }
}

/// <summary><c>not</c>: the block does not hold; an error stays one.</summary>
internal sealed class NotCondition(Condition part) : Condition("not")
{
    public Condition Part { get; } = part;

    public override bool ReadsSession => Part.ReadsSession;

    public override Truth Evaluate(CallFacts call, Reading reading) => Kleene.Not(Part.Evaluate(call, reading.Negated));
}

/// <summary>Reads <c>all</c>, <c>any</c> and <c>not</c>.</summary>
internal static class LogicReader
{
    public static Condition ReadAll(YamlNode node, ConditionScope scope) => new AllCondition("all", ReadBlocks(node, scope));

    public static Condition ReadAny(YamlNode node, ConditionScope scope) => new AnyCondition(ReadBlocks(node, scope));

    public static Condition? ReadNot(YamlNode node, ConditionScope scope) => ReadBlocks(node, scope) is [var only] ? new NotCondition(only) : null;

    private static List<Condition> ReadBlocks(YamlNode node, ConditionScope scope) => [.. NodeReader.Items(node).Select(block => ConditionTable.ReadBlock(block, scope))];
}
