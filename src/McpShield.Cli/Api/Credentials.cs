using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpShield.Cli.Api;

/// <summary>What a sign-in leaves on this machine.</summary>
/// <param name="Email">Who signed in.</param>
/// <param name="AccessToken">Opens the API until <paramref name="ExpiresAt"/>.</param>
/// <param name="RefreshToken">Gets the next pair.</param>
/// <param name="ExpiresAt">When the access token ends.</param>
internal sealed record SignedIn(string Email, string AccessToken, string RefreshToken, DateTimeOffset ExpiresAt)
{
    public override string ToString() => Email;
}

/// <summary>The sign-ins of this user of this machine, by the address of the API, in a file that nobody else can read.</summary>
internal static class Credentials
{
    private const UnixFileMode OnlyMe = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string Path => System.IO.Path.Combine(Directory, "credentials.json");

    private static string Directory => System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } home && System.IO.Path.IsPathRooted(home) ? home
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData)
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
        "mcpshield");

    public static SignedIn? Find(Uri api) => Read().GetValueOrDefault(KeyOf(api));

    public static void Save(Uri api, SignedIn signedIn) => Change(all => all[KeyOf(api)] = signedIn);

    public static void Forget(Uri api) => Change(all => all.Remove(KeyOf(api)));

    private static string KeyOf(Uri api) => api.GetLeftPart(UriPartial.Path).TrimEnd('/');

    private static Dictionary<string, SignedIn> Read()
    {
        try
        {
            if (!File.Exists(Path)) return new(StringComparer.Ordinal);
            return JsonSerializer.Deserialize(File.ReadAllText(Path), CredentialsJson.Default.DictionaryStringSignedIn) ?? new(StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"`{Path}` is not what `mcpshield login` wrote; delete it and sign in again");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read `{Path}`: {failure.Message}");
        }
    }

    private static void Change(Action<Dictionary<string, SignedIn>> change)
    {
        var all = Read();
        change(all);
        try
        {
            Write(JsonSerializer.Serialize(all, CredentialsJson.Default.DictionaryStringSignedIn));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot write `{Path}`: {failure.Message}");
        }
    }

    // INVARIANT: readable by its owner alone from its first byte, and never half written.
    private static void Write(string text)
    {
        if (OperatingSystem.IsWindows()) System.IO.Directory.CreateDirectory(Directory);
        else System.IO.Directory.CreateDirectory(Directory, OnlyMe | UnixFileMode.UserExecute);
        var temporary = $"{Path}.{System.IO.Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OnlyMe;
        try
        {
            using (var stream = new FileStream(temporary, options)) stream.Write(Encoding.UTF8.GetBytes(text));
            File.Move(temporary, Path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, SignedIn>))]
internal sealed partial class CredentialsJson : JsonSerializerContext;
