using System.Buffers;

namespace McpShield.Policy;

/// <summary>Sets of characters that more than one reader asks for.</summary>
internal static class Characters
{
    public static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    public static readonly SearchValues<char> Decimal = SearchValues.Create("0123456789+-.eE");

    public static readonly SearchValues<char> Scheme = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    public static readonly SearchValues<char> LowerCaseName = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static readonly SearchValues<char> IpV6 = SearchValues.Create("0123456789abcdefABCDEF:.");

    public static readonly SearchValues<char> WindowsReserved = SearchValues.Create("<>\"|?*");

    public static readonly SearchValues<char> ToolName = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-");
}
