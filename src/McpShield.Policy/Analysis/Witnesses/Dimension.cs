namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>One respect in which calls differ, and a value for each region that the conditions tell apart there.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Values">Each puts one value into a call; the first is the plainest.</param>
internal sealed record Dimension(string Name, IReadOnlyList<Action<Sketch>> Values);

/// <summary>The dimensions of one tool's rules, and whether their values are all that matter.</summary>
/// <param name="Dimensions">The dimensions.</param>
/// <param name="Unproved">What the values do not cover completely; empty: they do.</param>
internal sealed record DimensionSet(IReadOnlyList<Dimension> Dimensions, IReadOnlyList<string> Unproved)
{
    /// <summary>How many calls the dimensions make together; as many as a <c>long</c> holds.</summary>
    public long Size => Dimensions.Aggregate(1L, static (size, dimension) => size > int.MaxValue ? size : size * dimension.Values.Count);
}
