using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.Cli.Api;

/// <summary>The control plane from the shell: a typed client that signs its requests with what <c>mcpshield login</c> left, and refreshes it without a word.</summary>
internal sealed class ApiSession : IDisposable
{
    public const string Variable = "MCPSHIELD_API_URL";
    public const string Default = "http://localhost:8000";

    /// <summary>An access token for scripts that have one; it is not refreshed.</summary>
    private const string TokenVariable = "MCPSHIELD_TOKEN";

    private readonly HttpClient http;

    private ApiSession(Uri url, HttpMessageHandler handler)
    {
        Url = url;
        http = new(handler, disposeHandler: true) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(100) };
        http.DefaultRequestHeaders.UserAgent.ParseAdd($"mcpshield/{ProgramInfo.Version}");
        Api = new(http);
    }

    public Uri Url { get; }

    public ShieldClient Api { get; }

    /// <summary>The option that every command of the control plane has.</summary>
    public static Option<string?> UrlOption() => new("--api") { Description = $"The control plane. Default: {Variable}, else {Default}." };

    /// <summary>A session for whoever has not signed in.</summary>
    public static ApiSession Anonymous(string? named) => new(Choose(named), NewHandler());

    /// <summary>A session of whoever has signed in; without one the command ends and says what to do.</summary>
    public static ApiSession Open(string? named)
    {
        var url = Choose(named);
        if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token)
        {
            var given = new ApiSession(url, NewHandler());
            given.http.DefaultRequestHeaders.Authorization = new("Bearer", token);
            return given;
        }

        return Credentials.Find(url) is { } signedIn
            ? new(url, new Refreshing(url, signedIn) { InnerHandler = NewHandler() })
            : throw new CommandException(ExitCodes.No, $"you are not signed in to {url}: run `mcpshield login`{(named is null ? "" : $" --api {named}")}");
    }

    /// <summary>Runs a command against the API as whoever has signed in; a refusal becomes one line and an exit code.</summary>
    public static async Task<int> RunAsync(string? named, Func<ShieldClient, Task<int>> command)
    {
        using var session = Open(named);
        return await ExplainAsync(session.Url, () => command(session.Api));
    }

    /// <summary>Runs something against an API; a refusal becomes one line and an exit code.</summary>
    public static async Task<T> ExplainAsync<T>(Uri url, Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (ShieldProblem problem)
        {
            var details = string.Concat(problem.Errors.SelectMany(static field => field.Value.Select(why => $"\n  {field.Key}: {why}")));
            var wait = problem.RetryAfter is { } after ? $" (in {after.TotalSeconds:0} s)" : "";
            throw new CommandException(ExitCodes.No, problem.Message + wait + details);
        }
        catch (HttpRequestException failure)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot reach {url}: {failure.Message}");
        }
        catch (TaskCanceledException slow) when (slow.InnerException is TimeoutException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"{url} does not answer");
        }
    }

    public static Uri Choose(string? named)
    {
        var text = named ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable : Default);
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Query.Length == 0
            ? url
            : throw new CommandException(ExitCodes.Usage, $"`{text}` is not the address of a control plane; write it like {Default}");
    }

    public static SignedIn Keep(Uri url, TokenResponse tokens)
    {
        var signedIn = new SignedIn(tokens.User.Email, tokens.AccessToken, tokens.RefreshToken, TimeProvider.System.GetUtcNow().AddSeconds(tokens.ExpiresIn));
        Credentials.Save(url, signedIn);
        return signedIn;
    }

    public void Dispose() => http.Dispose();

    private static SocketsHttpHandler NewHandler() => new() { UseCookies = false, AllowAutoRedirect = false };

    /// <summary>Puts the access token on each request, and a new one when it has ended. Copies of the program that refresh at once get the same pair.</summary>
    private sealed class Refreshing(Uri url, SignedIn signedIn) : DelegatingHandler
    {
        private static readonly TimeSpan Early = TimeSpan.FromSeconds(30);

        private readonly SemaphoreSlim gate = new(1, 1);
        private SignedIn current = signedIn;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new("Bearer", await TokenAsync(isRefused: null, cancellationToken));
            if (request.Content is not null) await request.Content.LoadIntoBufferAsync(cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.Unauthorized) return answer;

            var sent = request.Headers.Authorization.Parameter!;
            answer.Dispose();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(isRefused: sent, cancellationToken));
            return await base.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            gate.Dispose();
            base.Dispose(disposing);
        }

        private async Task<string> TokenAsync(string? isRefused, CancellationToken ct)
        {
            await gate.WaitAsync(ct);
            try
            {
                if (IsGood(isRefused)) return current.AccessToken;
                current = Credentials.Find(url) ?? current; // another copy may have been faster
                if (IsGood(isRefused)) return current.AccessToken;
                using var http = new HttpClient(NewHandler()) { BaseAddress = url };
                current = Keep(url, await new ShieldClient(http).Auth.RefreshAsync(new(current.RefreshToken), ct));
                return current.AccessToken;
            }
            catch (ShieldProblem problem) when (problem.Status == HttpStatusCode.Unauthorized)
            {
                Credentials.Forget(url);
                throw new CommandException(ExitCodes.No, $"the session at {url} is over: run `mcpshield login`");
            }
            finally
            {
                gate.Release();
            }
        }

        private bool IsGood(string? refused) => current.AccessToken != refused && current.ExpiresAt - Early > TimeProvider.System.GetUtcNow();
    }
}
