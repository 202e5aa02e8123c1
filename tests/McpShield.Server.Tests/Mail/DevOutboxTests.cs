using System.Net;
using McpShield.Server.Features.Mail;
using McpShield.Server.Tests.Auth;

namespace McpShield.Server.Tests.Mail;

public sealed class DevOutboxTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mails_are_shown_to_this_machine_and_the_web_tier_only()
    {
        var ada = await server.RegisterAsync(Ct);
        using var local = new HttpClient(new SocketsHttpHandler()) { BaseAddress = server.Url };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(local, ada.Email, null, null));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(local, ada.Email, "X-Forwarded-For", "203.0.113.7"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(local, ada.Email, "Host", "rebound.example"));
    }

    [Fact]
    public void Names_are_text_wherever_they_stand()
    {
        var mail = new MailContent("invitation", "Join <b>Evil</b>\r\nBcc: all@example.com", "<script>alert(1)</script> invites you") { Link = new("Go", new("https://example.com/?a=1&b=\"2\"")) };

        Assert.DoesNotContain("<script>", MailLayout.Html(mail), StringComparison.Ordinal);
        Assert.DoesNotContain("\"2\"", MailLayout.Html(mail), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', MailLayout.Subject(mail));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string to, string? header, string? value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/dev/outbox?to={to}");
        if (header is not null) request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await http.SendAsync(request, Ct);
        return answer.StatusCode;
    }
}
