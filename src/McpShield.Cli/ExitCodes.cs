using System.CommandLine.Parsing;

namespace McpShield.Cli;

/// <summary>What the program tells its caller.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The answer is no: denied, invalid.</summary>
    public const int No = 1;

    /// <summary>Wrong usage.</summary>
    public const int Usage = 2;

    /// <summary>Something could not be reached or started.</summary>
    public const int Unreachable = 3;
}

/// <summary>A command cannot go on; the message is one line for people.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

internal static class CommandResultExtensions
{
    /// <summary>The names of the commands down to this one, without the program's own.</summary>
    public static IEnumerable<string> Path(this CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? one = result; one is CommandResult { Parent: not null } command; one = command.Parent) names.Push(command.Command.Name);
        return names;
    }
}
