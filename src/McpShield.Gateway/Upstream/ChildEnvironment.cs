namespace McpShield.Gateway.Upstream;

/// <summary>The environment of a child process: a short list, and what its entry names. Nothing else of ours.</summary>
// THREAT: a gateway's environment holds keys and database passwords; a server from a package registry must not see them.
internal static class ChildEnvironment
{
    private static readonly string[] Unix = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

    private static readonly string[] Windows =
    [
        "APPDATA", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATH", "PATHEXT", "PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "PROGRAMFILES",
        "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE",
    ];

    public static void Fill(IDictionary<string, string?> target, IReadOnlyDictionary<string, string> declared)
    {
        target.Clear();
        foreach (var name in OperatingSystem.IsWindows() ? Windows : Unix)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value) target[name] = value;
        }

        foreach (var (name, value) in declared) target[name] = value;
    }
}
