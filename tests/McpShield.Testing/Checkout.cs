namespace McpShield.Testing;

/// <summary>Where things lie: the checkout, the program as it was built beside the tests, and the peers from npm.</summary>
public static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>The program, in the configuration that the tests were built in.</summary>
    public static string Program { get; } = Path.Combine(Root, "artifacts", "bin", "McpShield.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, OperatingSystem.IsWindows() ? "mcpshield.exe" : "mcpshield");

    public static string Peers { get; } = Path.Combine(Root, "tests", "peers");

    public static string Peer(string script) => Path.Combine(Peers, script);

    /// <summary>The program of a package that is run by Node.</summary>
    public static string PeerBin(string name)
    {
        var path = Path.Combine(Peers, "node_modules", ".bin", name);
        return File.Exists(path) ? path : throw new InvalidOperationException($"`{path}` is missing: run ./test once, or npm ci in tests/peers");
    }

    /// <summary>Node as the peers need it; newer than what many machines have.</summary>
    public static string Node => PeerBin("node");

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "McpShield.slnx"))) return directory.FullName;
        }

        throw new InvalidOperationException("the tests do not run inside a checkout");
    }
}
