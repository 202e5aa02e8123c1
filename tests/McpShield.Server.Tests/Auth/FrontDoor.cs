using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using McpShield.Contracts;
using McpShield.Contracts.Client;
using McpShield.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Auth;

/// <summary>A visitor who registers, reads their mail and signs in, as anybody would.</summary>
internal sealed partial class Account(HttpClient http)
{
    public const string Password = "correct horse battery";

    public HttpClient Http => http;

    public ShieldClient Api { get; } = new(http);

    public string Email { get; } = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";

    public RegisterRequest Registration => new(Email, Password, "Ada", "Lovelace");

    public async Task<TokenResponse> SignInAsync(CancellationToken ct, string password = Password, bool remember = false)
    {
        var tokens = await Api.Auth.LoginAsync(new(Email, password, remember), ct);
        Use(tokens);
        return tokens;
    }

    public void Use(TokenResponse tokens) => http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);

    /// <summary>Their mails, newest first.</summary>
    public async Task<IReadOnlyList<OutboxMailResponse>> MailsAsync(CancellationToken ct) => (await Api.Outbox.ListAsync(ct, Email)).Items;

    /// <summary>The code in their newest mail.</summary>
    public async Task<string> CodeAsync(CancellationToken ct) => CodeText().Match((await MailsAsync(ct))[0].Text).Groups["code"].Value;

    public static string Wrong(string code) => code[..^1] + (char)(code[^1] == '9' ? '0' : code[^1] + 1);

    [GeneratedRegex(@"^ +(?<code>\d{6,10})$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeText();
}

/// <summary>Through the front door.</summary>
internal static class FrontDoor
{
    /// <summary>Somebody who has registered and not verified their address.</summary>
    public static async Task<Account> RegisterAsync(this ShieldServer server, CancellationToken ct)
    {
        var account = new Account(server.Visitor());
        await account.Api.Auth.RegisterAsync(account.Registration, ct);
        return account;
    }

    /// <summary>Somebody who has registered and verified their address.</summary>
    public static async Task<Account> VerifyAsync(this ShieldServer server, CancellationToken ct)
    {
        var account = await server.RegisterAsync(ct);
        await account.Api.Auth.VerifyOtpAsync(new(account.Email, await account.CodeAsync(ct), OtpPurposes.VerifyEmail), ct);
        return account;
    }

    /// <summary>Somebody who has registered, verified their address and signed in.</summary>
    public static async Task<Account> EnterAsync(this ShieldServer server, CancellationToken ct)
    {
        var account = await server.VerifyAsync(ct);
        await account.SignInAsync(ct);
        return account;
    }

    public static async Task SuspendAsync(this ShieldServer server, Account account, CancellationToken ct)
    {
        await using var db = server.Services.GetRequiredService<ShieldDatabase>().Open();
        await db.Profiles.Where(profile => db.Users.Any(user => user.Id == profile.UserId && user.Email == account.Email)).ExecuteUpdateAsync(set => set.SetProperty(static profile => profile.Status, "suspended"), ct);
    }

    /// <summary>An action is on its way into the audit log, or already there.</summary>
    public static async Task RecordedAsync(this ShieldServer server, Guid organization, string action, CancellationToken ct)
    {
        while (true)
        {
            await using var db = server.Services.GetRequiredService<ShieldDatabase>().Open();
            if (await db.ActionOutbox.AnyAsync(entry => entry.OrgId == organization && entry.Action == action, ct)) return;
            var query = new Data.Audits.AuditQuery { Scope = Data.Audits.AuditScope.Of(organization), Kind = "action", Limit = 200 };
            if ((await server.Services.GetRequiredService<Data.Audits.AuditReader>().ListAsync(query, ct)).Entries.Any(entry => entry.Action == action)) return;
            await Task.Delay(20, ct);
        }
    }

    public static TimeSpan RetryAfter(this HttpResponseMessage answer) => answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;

    public static string? CookieOf(this HttpResponseMessage answer) => answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single() : null;

    /// <summary>Everything that a stranger could tell two answers apart by.</summary>
    public static async Task<string> FaceAsync(this HttpResponseMessage answer, CancellationToken ct)
    {
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(static header => header.Key is not "Date").OrderBy(static header => header.Key, StringComparer.Ordinal).Select(static header => $"{header.Key}: {string.Join(',', header.Value)}");
        return TraceId().Replace($"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n\n{await answer.Content.ReadAsStringAsync(ct)}", "");
    }

    private static Regex TraceId() => new("\"trace_?[iI]d\":\"[^\"]*\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
}
