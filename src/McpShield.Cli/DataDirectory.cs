namespace McpShield.Cli;

/// <summary>Where the embedded databases of <c>up</c> lie.</summary>
internal static class DataDirectory
{
    public const string Variable = "MCPSHIELD_DATA";
    public const string Default = "./mcpshield-data";

    public static string Choose(string? named) => Path.GetFullPath(named ?? Environment.GetEnvironmentVariable(Variable) ?? Default);
}
