using System.Text.Json.Serialization;

namespace McpShield.Mutate;

/// <summary>What each test takes and passes with no mutant awake, and what is passed only the first time.</summary>
/// <param name="Tests">In the order of the tests.</param>
/// <param name="Once">Mutants.</param>
internal sealed record Survey(List<Asked> Tests, HashSet<int> Once);

/// <summary>One test.</summary>
/// <param name="Name">For people.</param>
/// <param name="Milliseconds">Of the processor.</param>
/// <param name="Passes">Mutants.</param>
internal sealed record Asked(string Name, double Milliseconds, HashSet<int> Passes);

[JsonSerializable(typeof(Survey))]
internal sealed partial class SurveyJson : JsonSerializerContext;
