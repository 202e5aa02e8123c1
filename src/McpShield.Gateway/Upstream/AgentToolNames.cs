using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace McpShield.Gateway.Upstream;

/// <summary>What agents call the tools: <c>server__tool</c>, in characters and lengths that every client accepts.</summary>
internal static class AgentToolNames
{
    private const int MaxLength = 63; // one client truncates beyond it
    private const int HashLength = 7; // `_` and six digits

    /// <summary>One name a tool. The mapping depends on the set of tools alone, not on their order.</summary>
    public static FrozenDictionary<string, ToolDefinition> Assign(IEnumerable<ToolDefinition> tools)
    {
        var byPlainName = tools.GroupBy(Plain, StringComparer.Ordinal);
        var names = new Dictionary<string, ToolDefinition>(StringComparer.Ordinal);
        foreach (var sharing in byPlainName)
        {
            // Where several fold to one name, each that was changed gets a hash; one that always had the name keeps it.
            var single = sharing.Count() == 1;
            foreach (var tool in sharing)
            {
                var keepsName = sharing.Key.Length <= MaxLength && (single || sharing.Key == $"{tool.Server}__{tool.Name}");
                names.TryAdd(keepsName ? sharing.Key : Hashed(sharing.Key, tool), tool);
            }
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string Plain(ToolDefinition tool) =>
        string.Create(tool.Server.Length + 2 + tool.Name.Length, tool, static (span, tool) =>
        {
            tool.Server.CopyTo(span);
            span[tool.Server.Length] = span[tool.Server.Length + 1] = '_';
            var rest = span[(tool.Server.Length + 2)..];
            for (var i = 0; i < rest.Length; i++)
            {
                var character = tool.Name[i];
                rest[i] = char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_';
            }
        });

    private static string Hashed(string plain, ToolDefinition tool)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(tool.QualifiedName));
        var kept = plain.Length <= MaxLength - HashLength ? plain : plain[..(MaxLength - HashLength)];
        return $"{kept}_{Convert.ToHexStringLower(digest.AsSpan(0, 3))}";
    }
}
