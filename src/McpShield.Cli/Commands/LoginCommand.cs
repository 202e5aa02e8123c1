using System.CommandLine;
using System.Diagnostics;
using McpShield.Cli.Api;
using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield login [--api URL] [--email X --password-stdin]</c></summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        var api = ApiSession.UrlOption();
        var email = new Option<string?>("--email") { Description = "Sign in with this address and a password instead of a browser." };
        var passwordStdin = new Option<bool>("--password-stdin") { Description = "With --email: read the password from standard input." };
        var command = new ExampledCommand("login", "Sign in to a control plane. Shows a code to confirm in the dashboard, unless --email is given.",
            ["mcpshield login", "mcpshield login --api https://api.example.com", "mcpshield login --email ada@example.com --password-stdin < password.txt"])
        {
            api, email, passwordStdin,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var address = parsed.GetValue(email);
            if (address is null == parsed.GetValue(passwordStdin)) throw new CommandException(ExitCodes.Usage, "--email and --password-stdin go together: a password on the command line would show in the list of processes");

            using var session = ApiSession.Anonymous(parsed.GetValue(api));
            var tokens = await ApiSession.ExplainAsync(session.Url, async () => address is null
                ? await ByBrowserAsync(session.Api, ct)
                : await session.Api.Auth.LoginAsync(new(address, await ReadPasswordAsync(ct), RememberMe: true), ct));
            ApiSession.Keep(session.Url, tokens);
            await Console.Error.WriteLineAsync($"Signed in to {session.Url} as {tokens.User.Email}.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<string> ReadPasswordAsync(CancellationToken ct) =>
        await Console.In.ReadLineAsync(ct) is { Length: > 0 } password ? password : throw new CommandException(ExitCodes.Usage, "there is no password on standard input");

    private static async Task<TokenResponse> ByBrowserAsync(ShieldClient api, CancellationToken ct)
    {
        var device = await api.Auth.BeginDeviceAsync(ct);
        await Console.Error.WriteLineAsync($"Open {device.VerificationUrl}\nand confirm the code {device.UserCode}. Waiting …");
        OpenBrowser(device.VerificationUrl);
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(1, device.Interval)), ct);
            try
            {
                return await api.Auth.GetDeviceTokenAsync(new(device.DeviceCode), ct);
            }
            catch (ShieldProblem problem) when (problem.Code == "device.pending")
            {
                // Not yet.
            }
        }
    }

    // Only for people at a terminal; whoever reads the address elsewhere opens it there.
    private static void OpenBrowser(string address)
    {
        if (Console.IsErrorRedirected || Console.IsInputRedirected || !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) return;
        try
        {
            var start = OperatingSystem.IsWindows() ? new ProcessStartInfo(url.AbsoluteUri) { UseShellExecute = true }
                : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [url.AbsoluteUri]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            using var browser = Process.Start(start);
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            // No browser here; the address stands on the screen.
        }
    }
}
