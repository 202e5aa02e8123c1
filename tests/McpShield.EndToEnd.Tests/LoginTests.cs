using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary><c>mcpshield login</c>, <c>whoami</c> and <c>logout</c> against a running control plane.</summary>
public sealed partial class LoginTests(RunningShield shield) : IClassFixture<RunningShield>, IDisposable
{
    private readonly TemporaryFolder home = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Credentials => home["mcpshield/credentials.json"];

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task A_password_signs_in_and_nobody_else_reads_what_is_kept()
    {
        const string Password = "correct horse battery";
        var email = await RegisterAsync(Password);

        var login = await RunAsync(Password + "\n", "login", "--email", email, "--password-stdin");

        Assert.True(login.ExitCode == 0, login.Errors);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Credentials));
        var who = await RunAsync(null, "whoami", "--json");
        Assert.Equal(email, (string?)JsonNode.Parse(who.Output)!["email"]);
        Assert.Equal(0, (await RunAsync(null, "logout")).ExitCode);
        Assert.Equal(1, (await RunAsync(null, "whoami")).ExitCode);
        Assert.DoesNotContain("refresh_token", await File.ReadAllTextAsync(Credentials, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_said_in_one_line()
    {
        var login = await RunAsync("not the password\n", "login", "--email", "nobody@example.com", "--password-stdin");

        Assert.Equal((1, "mcpshield: The e-mail address or the password is wrong."), (login.ExitCode, login.Errors.Trim()));
    }

    [Fact]
    public async Task A_code_that_a_person_confirms_signs_the_program_in()
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = shield.Url };
        const string Password = "correct horse battery";
        var email = await RegisterAsync(Password);
        await using var login = RunningProgram.Start(Checkout.Program, ["login", "--api", shield.Url.ToString()], Environment());
        login.CloseInput();
        await Eventually.IsTrueAsync(() => Code().IsMatch(login.Errors), Ct);
        using var signIn = await http.PostAsJsonAsync("/auth/login", new JsonObject { ["email"] = email, ["password"] = Password }, Ct);
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string?)(await signIn.Content.ReadFromJsonAsync<JsonNode>(Ct))!["access_token"]);

        using var confirmed = await http.PostAsJsonAsync("/auth/device/confirm", new JsonObject { ["user_code"] = Code().Match(login.Errors).Groups["code"].Value }, Ct);

        Assert.True(confirmed.IsSuccessStatusCode);
        Assert.Equal(0, (await login.EndAsync(Ct)).ExitCode);
        Assert.Contains(email, (await RunAsync(null, "whoami")).Output, StringComparison.Ordinal);
    }

    private async Task<string> RegisterAsync(string password)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = shield.Url };
        var email = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        using var registered = await http.PostAsJsonAsync("/auth/register", new JsonObject { ["email"] = email, ["password"] = password, ["first_name"] = "Ada", ["last_name"] = "Lovelace" }, Ct);
        Assert.True(registered.IsSuccessStatusCode);
        var mails = await http.GetFromJsonAsync<JsonNode>($"/dev/outbox?to={email}", Ct);
        var code = Digits().Match((string)mails!["items"]![0]!["text"]!).Value;
        using var verified = await http.PostAsJsonAsync("/auth/otp/verify", new JsonObject { ["email"] = email, ["code"] = code, ["purpose"] = "verify_email" }, Ct);
        Assert.True(verified.IsSuccessStatusCode);
        return email;
    }

    private Task<Ended> RunAsync(string? input, params string[] arguments) =>
        RunningProgram.RunAsync(Checkout.Program, [.. arguments, "--api", shield.Url.ToString()], Ct, Environment(), input: input);

    private Dictionary<string, string?> Environment() => new(StringComparer.Ordinal) { ["XDG_CONFIG_HOME"] = home.Path };

    [GeneratedRegex("code (?<code>[B-Z]{4}-[B-Z]{4})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\b\d{6}\b", RegexOptions.None, 1000)]
    private static partial Regex Digits();
}
