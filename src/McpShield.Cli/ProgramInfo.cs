using System.Reflection;

namespace McpShield.Cli;

/// <summary>What the program knows of itself.</summary>
internal static class ProgramInfo
{
    public static string Version { get; } = typeof(ProgramInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
