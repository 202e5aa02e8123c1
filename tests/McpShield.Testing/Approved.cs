namespace McpShield.Testing;

/// <summary>Texts that outsiders rely on, kept beside the tests and reviewed like code. <c>MCPSHIELD_APPROVE=1</c> rewrites them.</summary>
public static class Approved
{
    private const string Mark = ".approved.";

    /// <summary>Fails unless <paramref name="text"/> is what <paramref name="file"/> holds; what was received then lies beside it.</summary>
    /// <param name="text">What came out.</param>
    /// <param name="file">From the root of the checkout, with <c>.approved.</c> before its ending.</param>
    public static void Matches(string text, string file)
    {
        if (!file.Contains(Mark, StringComparison.Ordinal)) throw new ArgumentException($"an approved file has {Mark} in its name", nameof(file));
        var path = Path.Combine(Checkout.Root, file);
        var received = path.Replace(Mark, ".received.", StringComparison.Ordinal);
        text = text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (File.Exists(path) && File.ReadAllText(path) == text)
        {
            File.Delete(received);
            return;
        }

        if (Environment.GetEnvironmentVariable("MCPSHIELD_APPROVE") == "1")
        {
            File.WriteAllText(path, text);
            return;
        }

        File.WriteAllText(received, text);
        throw new NotApprovedException($"this differs from {path}; when that is meant, run again with MCPSHIELD_APPROVE=1, or put {received} in its place");
    }
}

/// <summary>A text is not the approved one.</summary>
public sealed class NotApprovedException(string message) : Exception(message);
