using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Parameters;

/// <summary><c>schema: pinned</c>: the arguments fit the tool's approved input schema, with nothing additional; no catalogue is an error.</summary>
internal sealed class SchemaCondition() : Condition("schema")
{
    public static Condition? Read(YamlNode node, ConditionScope scope) => new SchemaCondition();

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        if (call.Call.Schema is not { } schema) return call.Meet(Truth.Error, DetailCode.Schema, "there is no approved input schema to hold the arguments against");
        var truth = schema.Fits(call.Arguments);
        return truth switch
        {
            Truth.True => truth,
            Truth.False => call.Meet(truth, DetailCode.Schema, "the arguments do not fit the tool's approved input schema"),
            _ => call.Meet(truth, DetailCode.Schema, "the tool's input schema asks for something that cannot be judged"),
        };
    }
}
