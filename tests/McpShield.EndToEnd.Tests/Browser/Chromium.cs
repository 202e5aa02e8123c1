using System.Collections.Concurrent;
using McpShield.EndToEnd.Tests.Browser;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace McpShield.EndToEnd.Tests.Browser;

/// <summary>One real browser for all journeys of this process; each visitor has cookies of their own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    // Started by the first journey: most tests of this project need none.
    private readonly SemaphoreSlim starting = new(1);
    private IPlaywright? playwright;
    private IBrowser? browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
        starting.Dispose();
    }

    /// <summary>Somebody who opens the site for the first time.</summary>
    public async Task<Visit> VisitAsync(Uri site, CancellationToken ct, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.BaseURL = site.ToString();
        var context = await (await BrowserAsync(ct)).NewContextAsync(options);
        context.SetDefaultTimeout(30_000);
        return await Visit.BeginAsync(context, site);
    }

    private async Task<IBrowser> BrowserAsync(CancellationToken ct)
    {
        await starting.WaitAsync(ct);
        try
        {
            if (browser is not null) return browser;
            if (!File.Exists(Executable)) throw new InvalidOperationException($"these tests need {Executable}: apt-get install -y --no-install-recommends chromium fonts-liberation");
            Assertions.SetDefaultExpectTimeout(30_000);
            playwright ??= await Playwright.CreateAsync();
            return browser = await playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = Executable,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
            });
        }
        finally
        {
            starting.Release();
        }
    }
}

/// <summary>A visitor's window, and everything in it that went wrong.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> complaints = [];
    private readonly ConcurrentQueue<string> foreign = [];

    private Visit(IBrowserContext context) => this.context = context;

    public IPage Page { get; private set; } = null!;

    /// <summary>What the browser's console complained of: errors of scripts, breaches of the content security policy, files that are missing.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    /// <summary>Requests to anybody but the site.</summary>
    public IReadOnlyCollection<string> Foreign => foreign;

    public static async Task<Visit> BeginAsync(IBrowserContext context, Uri site)
    {
        var visit = new Visit(context) { Page = await context.NewPageAsync() };
        visit.Page.Console += (_, said) =>
        {
            if (said.Type is "error" or "warning") visit.complaints.Enqueue($"{said.Text} ({said.Location})");
        };
        visit.Page.PageError += (_, error) => visit.complaints.Enqueue(error);
        visit.Page.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Authority != site.Authority) visit.foreign.Enqueue(request.Url);
        };
        return visit;
    }

    /// <summary>Nothing went wrong so far, and nobody else was asked.</summary>
    public void IsClean() => Assert.True(Complaints.Count + Foreign.Count == 0, string.Join('\n', Complaints.Concat(Foreign)));

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
