namespace McpShield.Web.Features.Me;

/// <summary>A user agent in words that a person knows again.</summary>
internal static class Devices
{
    private static readonly (string Mark, string Name)[] Browsers = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("mcpshield", "mcpshield on the command line"), ("curl/", "curl")];
    private static readonly (string Mark, string Name)[] Systems = [("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"), ("Android", "Android"), ("Linux", "Linux")];

    public static string NameOf(string? agent)
    {
        if (string.IsNullOrWhiteSpace(agent)) return "Unknown device";
        var browser = Browsers.FirstOrDefault(one => agent.Contains(one.Mark, StringComparison.Ordinal)).Name;
        var system = Systems.FirstOrDefault(one => agent.Contains(one.Mark, StringComparison.Ordinal)).Name;
        return (browser, system) switch
        {
            (null, null) => agent.Length > 40 ? agent[..40] + "…" : agent,
            (null, _) => system,
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }
}
