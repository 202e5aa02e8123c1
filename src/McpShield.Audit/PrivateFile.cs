namespace McpShield.Audit;

/// <summary>Files that only their owner may read.</summary>
public static class PrivateFile
{
    /// <summary>Opens <paramref name="path"/> for writing; a new file is made with mode 0600 where the system knows modes.</summary>
    public static FileStream Create(string path, FileMode mode, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
    }
}
