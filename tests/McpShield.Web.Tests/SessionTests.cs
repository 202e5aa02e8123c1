using System.Net;
using McpShield.Testing;
using Microsoft.Extensions.Time.Testing;

namespace McpShield.Web.Tests;

/// <summary>Signing in, staying in and leaving, as a browser without script does it.</summary>
public sealed class SessionTests(WebServer server)
{
    private const string Cookie = "mcpshield_web";

    // The access token lives a quarter of an hour; the last half minute of it is not used.
    private static readonly TimeSpan UntilStale = TimeSpan.FromSeconds(15 * 60 - 20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_signs_in_is_led_back_to_where_they_wanted_to_go()
    {
        using var browser = new Browser(server.Url);
        var email = await server.RegisterAsync(Ct);
        var refused = await browser.GetAsync("/app?tab=keys", Ct);
        Assert.Equal((HttpStatusCode.Found, "/auth/sign-in?return=%2Fapp%3Ftab%3Dkeys"), (refused.Status, refused.Location));

        var signedIn = await browser.SignInAsync(email, Ct, "?return=%2Fapp%3Ftab%3Dkeys");

        Assert.Equal(HttpStatusCode.Found, signedIn.Status);
        Assert.Equal("/app?tab=keys", PathOf(signedIn));
        Assert.Contains(WebServer.NameOf(email), (await browser.GetAsync("/app", Ct)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task A_return_address_elsewhere_leads_nowhere_else(string address)
    {
        using var browser = new Browser(server.Url);

        var signedIn = await browser.SignInAsync(await server.RegisterAsync(Ct), Ct, $"?return={Uri.EscapeDataString(address)}");

        Assert.Equal("/app", PathOf(signedIn));
    }

    [Fact]
    public async Task A_wrong_password_is_said_on_the_page_and_opens_nothing()
    {
        using var browser = new Browser(server.Url);
        var page = await browser.GetAsync("/auth/sign-in", Ct);

        var refused = await browser.SubmitAsync(page, "sign-in", new() { ["email"] = await server.RegisterAsync(Ct), ["password"] = "not the password" }, Ct);

        Assert.Equal(HttpStatusCode.OK, refused.Status);
        Assert.Contains("The e-mail address or the password is wrong.", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Cookie, browser.Cookies.Keys);
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_ends_with_the_browser()
    {
        using var browser = new Browser(server.Url);

        var signedIn = await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);

        var cookie = Assert.Single(signedIn.SetCookies, static one => one.StartsWith(Cookie, StringComparison.Ordinal)).Split("; ")[1..];
        Assert.Equal(["httponly", "path=/", "samesite=lax"], cookie.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_remembered_session_outlives_the_browser()
    {
        using var browser = new Browser(server.Url);

        var signedIn = await browser.SignInAsync(await server.RegisterAsync(Ct), Ct, remember: true);

        Assert.Contains("max-age=", Assert.Single(signedIn.SetCookies, static one => one.StartsWith(Cookie, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_tls_every_cookie_belongs_to_this_host_alone()
    {
        using var folder = new TemporaryFolder();
        await using var web = await WebServer.StartAsync(folder.Path, server.Api, Ct, more: new() { ["WEB_URL"] = "https://shield.example.com" });
        using var browser = new Browser(web.Url);

        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);

        Assert.Equal(["__Host-mcpshield-forms", "__Host-mcpshield-web"], browser.Cookies.Keys.Order(StringComparer.Ordinal));
        Assert.All(browser.Seen.SelectMany(static seen => seen.Split('\n')).Where(static line => line.StartsWith("Set-Cookie", StringComparison.Ordinal)), static line => Assert.Contains("secure", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_token_ever_reaches_the_browser()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var web = await WebServer.StartAsync(folder.Path, api.Url, Ct, clock);
        using var browser = new Browser(web.Url);

        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);
        await browser.GetAsync("/app", Ct);
        clock.Advance(UntilStale);
        var app = await browser.GetAsync("/app", Ct);
        await browser.SubmitAsync(app, "/auth/sign-out", [], Ct);
        await browser.GetAsync("/", Ct);

        Assert.Equal(4, api.Tokens.Count); // two of the sign-in, two of the refresh
        Assert.All(browser.Seen, seen => Assert.All(api.Tokens.Append(WebServer.Token), token => Assert.DoesNotContain(token, seen, StringComparison.Ordinal)));
        Assert.DoesNotContain("mcpshield_refresh", string.Join('\n', browser.Seen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task However_many_requests_find_the_token_stale_it_is_refreshed_once()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var web = await WebServer.StartAsync(folder.Path, api.Url, Ct, clock);
        using var browser = new Browser(web.Url);
        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);
        clock.Advance(UntilStale);
        var gate = api.Gates["/auth/refresh"] = new(TaskCreationOptions.RunContinuationsAsynchronously);

        var pages = Enumerable.Range(0, 20).Select(_ => browser.GetAsync("/app", Ct)).ToArray();
        await Eventually.IsTrueAsync(() => api.Count("/auth/refresh") > 0, Ct);
        gate.SetResult();

        Assert.All(await Task.WhenAll(pages), static page => Assert.Equal(HttpStatusCode.OK, page.Status));
        Assert.Equal(1, api.Count("/auth/refresh"));
    }

    [Fact]
    public async Task A_request_that_is_given_up_does_not_take_the_refresh_with_it()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var web = await WebServer.StartAsync(folder.Path, api.Url, Ct, clock);
        using var browser = new Browser(web.Url);
        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);
        clock.Advance(UntilStale);
        var gate = api.Gates["/auth/refresh"] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var impatient = new CancellationTokenSource();

        var givenUp = browser.GetAsync("/app", impatient.Token);
        await Eventually.IsTrueAsync(() => api.Count("/auth/refresh") > 0, Ct);
        var patient = browser.GetAsync("/app", Ct);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        gate.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await patient).Status);
        Assert.Equal(1, api.Count("/auth/refresh"));
    }

    [Fact]
    public async Task Two_copies_on_one_redis_share_sessions_and_race_harmlessly()
    {
        var redis = await RedisServer.SharedAsync();
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var shared = new Dictionary<string, string>(StringComparer.Ordinal) { ["REDIS_HOST"] = RedisServer.Host, ["REDIS_PORT"] = redis.Port.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        await using var one = await WebServer.StartAsync(folder["one"], api.Url, Ct, clock, shared);
        await using var two = await WebServer.StartAsync(folder["two"], api.Url, Ct, clock, shared);
        using var first = new Browser(one.Url);
        using var second = new Browser(two.Url);
        var email = await server.RegisterAsync(Ct);
        await first.SignInAsync(email, Ct);
        foreach (var (name, value) in first.Cookies) second.Keep(name, value);

        for (var round = 0; round < 3; round++)
        {
            clock.Advance(UntilStale);
            var pages = await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => new[] { first.GetAsync("/app", Ct), second.GetAsync("/app", Ct) }));
            Assert.All(pages, page => Assert.Contains(WebServer.NameOf(email), page.Text, StringComparison.Ordinal));
        }

        Assert.InRange(api.Count("/auth/refresh"), 3, 6);

        // A form that one copy wrote is taken by the other, and who signs out there is out here.
        Assert.Equal(HttpStatusCode.Found, (await second.SubmitAsync(await first.GetAsync("/app", Ct), "/auth/sign-out", [], Ct)).Status);
        Assert.Equal(HttpStatusCode.Found, (await first.GetAsync("/app", Ct)).Status);
    }

    [Fact]
    public async Task A_session_that_was_ended_elsewhere_leads_to_signing_in_and_back()
    {
        using var browser = new Browser(server.Url);
        var email = await server.RegisterAsync(Ct);
        await browser.SignInAsync(email, Ct);
        await (await server.ApiClientAsync(email, Ct)).Auth.EndOtherSessionsAsync(Ct);

        var page = await browser.GetAsync("/app?tab=keys", Ct);

        Assert.Equal((HttpStatusCode.Found, "/auth/sign-in?return=%2Fapp%3Ftab%3Dkeys"), (page.Status, page.Location));
        Assert.DoesNotContain(Cookie, browser.Cookies.Keys);
        Assert.Contains("Sign in", (await browser.GetAsync("/", Ct)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_signs_out_is_out_here_and_at_the_api()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        await using var web = await WebServer.StartAsync(folder.Path, api.Url, Ct);
        using var browser = new Browser(web.Url);
        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);
        var kept = browser.Cookies[Cookie];
        var app = await browser.GetAsync("/app", Ct);

        var left = await browser.SubmitAsync(app, "/auth/sign-out", [], Ct);

        Assert.Equal((HttpStatusCode.Found, "/"), (left.Status, left.Location));
        Assert.Equal(1, api.Count("/auth/logout"));
        browser.Keep(Cookie, kept); // a copy of the cookie opens nothing any more
        Assert.Equal(HttpStatusCode.Found, (await browser.GetAsync("/app", Ct)).Status);
    }

    [Fact]
    public async Task Who_signs_in_again_has_another_session_and_the_one_before_is_over()
    {
        using var browser = new Browser(server.Url);
        var email = await server.RegisterAsync(Ct);
        await browser.SignInAsync(email, Ct);
        using var planted = new Browser(server.Url);
        planted.Keep(Cookie, browser.Cookies[Cookie]);

        await browser.SignInAsync(email, Ct);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/app", Ct)).Status);
        Assert.Equal(HttpStatusCode.Found, (await planted.GetAsync("/app", Ct)).Status);
    }

    [Fact]
    public async Task An_api_that_cannot_be_reached_ends_no_session()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var web = await WebServer.StartAsync(folder.Path, api.Url, Ct, clock);
        using var browser = new Browser(web.Url);
        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);
        api.Down = HttpStatusCode.ServiceUnavailable;

        var fresh = await browser.GetAsync("/app", Ct);
        clock.Advance(TimeSpan.FromHours(1));
        var expired = await browser.GetAsync("/app", Ct);
        var open = await browser.GetAsync("/", Ct);
        api.Down = null;
        var after = await browser.GetAsync("/app", Ct);

        Assert.Equal([HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.OK], [fresh.Status, expired.Status, open.Status, after.Status]);
        Assert.Contains("The API cannot be reached", expired.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_hears_who_visits_and_who_says_so()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        await using var web = await WebServer.StartAsync(folder.Path, api.Url, Ct);
        using var browser = new Browser(web.Url);
        var page = await browser.GetAsync("/auth/sign-in", Ct);

        await browser.SubmitAsync(
            page, "sign-in", new() { ["email"] = await server.RegisterAsync(Ct), ["password"] = WebServer.Password }, Ct, ("X-Forwarded-For", "203.0.113.7"), ("User-Agent", "Ada's browser"));

        var asked = Assert.Single(api.Requests, static one => one.Path == "/auth/login");
        Assert.Equal((WebServer.Token, "203.0.113.7", "Ada's browser", null), (asked.WebToken, asked.Address, asked.UserAgent, asked.Cookie));
    }

    [Fact]
    public async Task One_visitors_request_never_carries_anothers_session()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiRecorder.StartAsync(server.Api, Ct);
        await using var web = await WebServer.StartAsync(folder.Path, api.Url, Ct);
        using var ada = new Browser(web.Url);
        using var eve = new Browser(web.Url);
        var (adas, eves) = (await server.RegisterAsync(Ct), await server.RegisterAsync(Ct));
        await ada.SignInAsync(adas, Ct);
        await eve.SignInAsync(eves, Ct);

        var pages = await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(_ => new[] { ada.GetAsync("/app", Ct), eve.GetAsync("/app", Ct) }));

        for (var i = 0; i < pages.Length; i++)
        {
            Assert.Contains(WebServer.NameOf(i % 2 == 0 ? adas : eves), pages[i].Text, StringComparison.Ordinal);
            Assert.DoesNotContain(WebServer.NameOf(i % 2 == 0 ? eves : adas), pages[i].Text, StringComparison.Ordinal);
        }

        Assert.All(api.Requests, static one => Assert.Null(one.Cookie));
    }

    private static string PathOf(Page page) => Uri.TryCreate(page.Location, UriKind.Absolute, out var url) && url.Scheme.StartsWith("http", StringComparison.Ordinal) ? url.PathAndQuery : page.Location!;
}
