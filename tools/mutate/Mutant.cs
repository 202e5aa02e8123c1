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

    /// <summary>The method it stands in.</summary>
    public required string Member { get; init; }

    /// <summary>Which of the same changes in the same method it is; from 1.</summary>
    public int Nth { get; init; } = 1;

    /// <summary>The folder it is counted with.</summary>
    public string Folder => Path.GetDirectoryName(File)!.Replace('\\', '/');

    /// <summary>Names it in the list of equivalent mutants: the line it stands on may move.</summary>
    public string Key => $"{File} {Member}: {Before} => {After}{(Nth > 1 ? $" #{Nth}" : "")}";
}
