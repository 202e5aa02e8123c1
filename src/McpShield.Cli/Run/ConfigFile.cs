using System.Text;
using System.Text.RegularExpressions;
using McpShield.Gateway.Upstream;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace McpShield.Cli.Run;

/// <summary>Reads <c>run --config FILE</c>, strictly: an unknown key stops the start, with the place where it stands.</summary>
internal sealed partial class ConfigFile
{
    private static readonly string[] TopKeys = ["policy", "servers", "audit"];
    private static readonly string[] LaterKeys = ["control_plane", "pins"];
    private static readonly string[] CommandKeys = ["command", "args", "env", "cwd"];
    private static readonly string[] UrlKeys = ["url", "headers"];

    private readonly string path;

    private ConfigFile(string path) => this.path = path;

    public static RunSettings Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read the configuration `{path}`: {(File.Exists(path) ? failure.Message : "there is no such file")}");
        }

        return new ConfigFile(path).Parse(text);
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();

    private RunSettings Parse(string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException bad)
        {
            throw Wrong(bad.Start, bad.Message);
        }

        if (yaml.Documents.Count != 1 || yaml.Documents[0].RootNode is not YamlMappingNode root) throw new CommandException(ExitCodes.Usage, $"{path}: not a mapping");
        CheckKeys(root, "the configuration", TopKeys);
        var policy = Text(root, "policy") ?? throw Wrong(root.Start, "`policy` is missing: the file of the policy");
        var servers = Map(root, "servers") is { } map ? map.Children.Select(Server).ToList() : throw Wrong(root.Start, "`servers` is missing: the servers behind the gateway, by name");
        return new(Beside(policy), servers, Text(root, "audit") is { } audit ? Beside(audit) : null);
    }

    private UpstreamSpec Server(KeyValuePair<YamlNode, YamlNode> entry)
    {
        var name = (entry.Key as YamlScalarNode)?.Value ?? throw Wrong(entry.Key.Start, "a server's name is a word");
        if (UpstreamNames.Problem(name) is { } problem) throw Wrong(entry.Key.Start, problem);
        var server = entry.Value as YamlMappingNode ?? throw Wrong(entry.Value.Start, $"server `{name}` must be a mapping with `command` or `url`");
        var (command, url) = (Text(server, "command"), Text(server, "url"));
        if (command is null == url is null) throw Wrong(server.Start, $"server `{name}` needs either `command` or `url`");
        CheckKeys(server, $"server `{name}`", command is not null ? CommandKeys : UrlKeys);
        if (command is not null) return new StdioServerSpec(name, command, Texts(server, "args"), Pairs(server, "env"), Text(server, "cwd") is { } cwd ? Beside(cwd) : null);
        return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new HttpServerSpec(name, address!, Pairs(server, "headers"))
            : throw Wrong(server.Start, $"the url of server `{name}` is not an http or https address");
    }

    private void CheckKeys(YamlMappingNode map, string what, string[] known)
    {
        foreach (var key in map.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (LaterKeys.Contains(name, StringComparer.Ordinal)) throw Wrong(key.Start, $"`{name}` is not supported yet");
            if (!known.Contains(name, StringComparer.Ordinal)) throw Wrong(key.Start, $"`{name}` is not a key of {what}; known are {string.Join(", ", known)}");
        }
    }

    private static YamlNode? Find(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private YamlMappingNode? Map(YamlMappingNode owner, string key) => Find(owner, key) switch
    {
        null => null,
        YamlMappingNode map => map,
        var other => throw Wrong(other.Start, $"`{key}` must be a mapping"),
    };

    private string? Text(YamlMappingNode owner, string key) => Find(owner, key) is { } node ? Scalar(node, key) : null;

    private List<string> Texts(YamlMappingNode owner, string key) => Find(owner, key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children.Select(item => Scalar(item, key))],
        var other => throw Wrong(other.Start, $"`{key}` must be a list"),
    };

    private Dictionary<string, string> Pairs(YamlMappingNode owner, string key) =>
        Map(owner, key)?.Children.ToDictionary(pair => Scalar(pair.Key, key), pair => Scalar(pair.Value, key), StringComparer.Ordinal) ?? [];

    private string Scalar(YamlNode node, string key)
    {
        if (node is not YamlScalarNode { Value: { Length: > 0 } value }) throw Wrong(node.Start, $"`{key}` holds something that is not a text");
        // Secrets stay in the environment; what is not there is an error, not an empty text.
        return Variable().Replace(value, match => Environment.GetEnvironmentVariable(match.Groups["name"].Value) ?? throw Wrong(node.Start, $"the environment variable {match.Groups["name"].Value} is not set"));
    }

    // Paths are meant from where the file lies: an agent starts the gateway from anywhere.
    private string Beside(string relative) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, relative);

    private CommandException Wrong(Mark at, string problem) => new(ExitCodes.Usage, $"{path}:{at.Line}:{at.Column}: {problem}");
}
