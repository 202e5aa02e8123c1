using System.Text;

namespace McpShield.Cli;

/// <summary>Writes a file so that whoever reads it sees the old text or the new one, never half of one.</summary>
internal static class AtomicFile
{
    /// <summary>Puts <paramref name="text"/> in the place of what the file holds; its rights stay, and a link keeps pointing where it did.</summary>
    public static void Replace(string path, string text)
    {
        var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        Write(target, text, overwrite: true);
    }

    /// <summary>Writes a new file; <c>false</c> when there is one already.</summary>
    public static bool TryCreate(string path, string text)
    {
        if (Path.Exists(path)) return false;
        try
        {
            Write(Path.GetFullPath(path), text, overwrite: false);
            return true;
        }
        catch (IOException) when (Path.Exists(path))
        {
            return false; // somebody was faster
        }
    }

    private static void Write(string target, string text, bool overwrite)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                if (!OperatingSystem.IsWindows() && File.Exists(target)) File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
