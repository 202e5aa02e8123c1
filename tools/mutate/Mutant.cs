namespace McpShield.Mutate;

/// <summary>One change of one place in the source.</summary>
/// <param name="Number">What switches it on; from 1.</param>
/// <param name="File">Relative to the project.</param>
/// <param name="Line">From 1.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Before">The place as it is written.</param>
/// <param name="After">What stands there instead.</param>
internal sealed record Mutant(int Number, string File, int Line, string Kind, string Before, string After)
{
    /// <summary>Where exactly it stands.</summary>
    public required string Place { get; init; }

    /// <summary>Names it in the list of equivalent mutants: where it stands may move.</summary>
    public string Key => $"{File}: {Before} => {After}";
}
