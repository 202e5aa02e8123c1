using System.Text.RegularExpressions;

namespace McpShield.Server.Tests.OnceOnly;

/// <summary>The page that shows the API is all ours: it fetches nothing from anywhere else, and may not.</summary>
public sealed class ReferencePageTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_names_no_foreign_origin()
    {
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync(new Uri("/docs/", UriKind.Relative), Ct);
        var page = await answer.Content.ReadAsStringAsync(Ct);

        Assert.Empty(Origin().Matches(page));
        Assert.Contains("\"disabled\":true", page, StringComparison.Ordinal);
        Assert.Contains("scalar.js", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_may_fetch_from_its_own_origin_only()
    {
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync(new Uri("/docs/", UriKind.Relative), Ct);
        var policy = string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));

        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"script-src[^;]*unsafe-inline", policy);
        Assert.All(policy.Split([' ', ';'], StringSplitOptions.RemoveEmptyEntries).Where(static word => word.Contains(':', StringComparison.Ordinal)), static word => Assert.Equal("data:", word));
    }

    private static Regex Origin() => new("""(https?:)?//[\w.-]+""", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
}
