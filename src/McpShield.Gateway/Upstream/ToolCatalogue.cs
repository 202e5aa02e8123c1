using System.Buffers;
using System.Collections.Frozen;
using McpShield.Policy.Evaluation;

namespace McpShield.Gateway.Upstream;

/// <summary>One tool as agents can name it.</summary>
/// <param name="AgentName">The name agents use.</param>
/// <param name="Tool">Its definition.</param>
/// <param name="Upstream">Where it runs.</param>
/// <param name="HasChanged">Its definition is not the one first seen.</param>
internal sealed record CatalogueEntry(string AgentName, ToolDefinition Tool, IUpstream Upstream, bool HasChanged);

/// <summary>Every tool of a project at one moment. Immutable; a change makes a new one.</summary>
internal sealed class ToolCatalogue
{
    private readonly FrozenDictionary<string, CatalogueEntry> entries;
    private readonly CatalogueEntry[] ordered;

    private ToolCatalogue(FrozenDictionary<string, CatalogueEntry> entries)
    {
        this.entries = entries;
        // SPEC: 2026-07-28, tools: lists have a deterministic order.
        ordered = [.. entries.Values.OrderBy(static entry => entry.AgentName, StringComparer.Ordinal)];
    }

    public static ToolCatalogue Empty { get; } = new(FrozenDictionary<string, CatalogueEntry>.Empty);

    /// <summary>Builds the catalogue. <paramref name="pins"/> remembers the first definition seen of each tool and is added to.</summary>
    public static ToolCatalogue Build(IEnumerable<(IUpstream Upstream, ToolDefinition Tool)> tools, Dictionary<string, string> pins)
    {
        var upstreams = tools.ToDictionary(static pair => pair.Tool, static pair => pair.Upstream);
        var entries = new Dictionary<string, CatalogueEntry>(StringComparer.Ordinal);
        foreach (var (agentName, tool) in AgentToolNames.Assign(upstreams.Keys))
        {
            // THREAT: a tool that was harmless when it was looked at and is rewritten later. What was seen first stands.
            if (!pins.TryGetValue(tool.QualifiedName, out var pinned)) pins[tool.QualifiedName] = pinned = tool.Pin;
            entries[agentName] = new(agentName, tool, upstreams[tool], HasChanged: pinned != tool.Pin);
        }

        return new(entries.ToFrozenDictionary(StringComparer.Ordinal));
    }

    public CatalogueEntry? Find(string agentName) => entries.GetValueOrDefault(agentName);

    /// <summary>The tools that <paramref name="policy"/> could let through, as the JSON array of a <c>tools/list</c> result.</summary>
    public byte[] WriteListing(CompiledPolicy policy)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("["u8);
        foreach (var entry in ordered)
        {
            if ((entry.HasChanged && !policy.IsShadow) || !policy.CouldAllow(entry.Tool.QualifiedName)) continue;
            if (output.WrittenCount > 1) output.Write(","u8);
            entry.Tool.WriteTo(output, entry.AgentName);
        }

        output.Write("]"u8);
        return output.WrittenSpan.ToArray();
    }
}
