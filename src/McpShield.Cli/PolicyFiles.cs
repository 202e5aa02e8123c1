using System.Text;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Cli;

/// <summary>Policies in files, and what there is to say about them.</summary>
internal static class PolicyFiles
{
    private const int MaxBytes = 4 * 1024 * 1024;

    public static string Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) throw new CommandException(ExitCodes.No, $"{path}: larger than {MaxBytes / 1024 / 1024} MiB");
            return File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException(ExitCodes.No, $"{path}: not UTF-8 text");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read the policy `{path}`: {(File.Exists(path) ? failure.Message : "there is no such file")}");
        }
    }

    /// <summary>A file of lines; <c>-</c> is standard input.</summary>
    public static StreamReader Open(string path)
    {
        try
        {
            return new(path == "-" ? Console.OpenStandardInput() : File.OpenRead(path), new UTF8Encoding(false));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read `{path}`: {failure.Message}");
        }
    }

    /// <summary>The policy, or its diagnostics on standard error and an exception that ends the command.</summary>
    public static async Task<CompiledPolicy> LoadAsync(string path)
    {
        var loaded = PolicyLoader.Load(Read(path));
        foreach (var diagnostic in loaded.Diagnostics) await Console.Error.WriteLineAsync(Show(path, diagnostic));
        return loaded.Policy ?? throw new CommandException(ExitCodes.No, $"the policy `{path}` is not valid");
    }

    /// <summary><c>FILE:LINE:COLUMN: severity: message</c>, which editors and CI systems recognise.</summary>
    public static string Show(string path, Diagnostic diagnostic)
    {
        var text = $"{path}:{diagnostic.Line}:{diagnostic.Column}: {(diagnostic.Severity is Severity.Error ? "error" : "warning")}: {diagnostic.Message} [{diagnostic.Code}]";
        return diagnostic.Hint is null ? text : $"{text}; {diagnostic.Hint}";
    }
}
