using System.Globalization;
using McpShield.Data;
using McpShield.Data.Outbox;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;
using McpShield.Server.Tests.Auth;
using McpShield.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace McpShield.Server.Tests.Mail;

/// <summary>Mails over a real SMTP conversation.</summary>
public sealed class MailWorkerTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
    private readonly SmtpSink sink = new();
    private ShieldHost? host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => host = await StartAsync("false");

    public async ValueTask DisposeAsync()
    {
        if (host is not null) await host.DisposeAsync();
        await sink.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_mail_is_sent_and_its_content_leaves_the_database()
    {
        var ada = new Account(ShieldServer.Visitor(host!.Url));

        await ada.Api.Auth.RegisterAsync(ada.Registration, Ct);

        await TurnUntilAsync(() => sink.Received.Count == 1);
        var mail = sink.Received.Single();
        Assert.Equal(("shield@example.com", ada.Email), (mail.From, mail.To));
        Assert.Contains("Subject: Your MCPShield code", mail.Data, StringComparison.Ordinal);
        Assert.Contains("multipart/alternative", mail.Data, StringComparison.Ordinal);
        await TurnUntilAsync(async () => await RowAsync() is { SentAt: not null, DueAt: null, TextBody: "", HtmlBody: "" });
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_now_is_tried_again()
    {
        sink.RefuseNext("451 4.3.0 try later");
        sink.RefuseNext("451 4.3.0 try later");

        await WriteAsync(uselessAfter: null);

        await TurnUntilAsync(() => sink.Received.Count == 1);
        await TurnUntilAsync(async () => await RowAsync() is { SentAt: not null, Attempts: 3 });
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_good_is_given_up()
    {
        sink.RefuseNext("550 5.1.1 no such mailbox: somebody@example.com");

        await WriteAsync(uselessAfter: null);

        await TurnUntilAsync(async () => await RowAsync() is { SentAt: null, DueAt: null, Attempts: 1, LastError: "SMTP 550", TextBody: "" });
        Assert.Empty(sink.Received);
    }

    [Fact]
    public async Task A_mail_that_has_become_useless_is_not_sent()
    {
        sink.RefuseNext("451 4.3.0 try later");

        await WriteAsync(uselessAfter: clock.GetUtcNow().AddSeconds(30));

        await TurnUntilAsync(async () => await RowAsync() is { SentAt: null, DueAt: null, TextBody: "" });
        Assert.Empty(sink.Received);
    }

    [Fact]
    public async Task After_its_last_try_a_mail_is_given_up()
    {
        for (var i = 0; i < 6; i++) sink.RefuseNext("451 4.3.0 try later");

        await WriteAsync(uselessAfter: null);

        await TurnUntilAsync(async () => await RowAsync() is { SentAt: null, DueAt: null, Attempts: 6 }, TimeSpan.FromMinutes(20));
        Assert.Equal((0, 6), (sink.Received.Count, sink.Refused));
    }

    [Fact]
    public async Task A_server_that_offers_no_encryption_gets_nothing_where_it_is_demanded()
    {
        await host!.DisposeAsync();
        host = await StartAsync("true");

        await WriteAsync(uselessAfter: null);

        await TurnUntilAsync(async () => await RowAsync() is { LastError: "NotSupportedException" });
        Assert.Empty(sink.Received);
    }

    [Fact]
    public async Task With_a_mail_server_there_is_no_outbox_to_look_into()
    {
        using var visitor = ShieldServer.Visitor(host!.Url);

        using var answer = await visitor.GetAsync("/dev/outbox", Ct);

        await answer.IsProblemAsync(System.Net.HttpStatusCode.NotFound, "route.not-found", Ct);
    }

    private async Task<ShieldHost> StartAsync(string tls)
    {
        var variables = await ShieldServer.VariablesAsync();
        variables["SMTP_HOST"] = "127.0.0.1";
        variables["SMTP_PORT"] = sink.Port.ToString(CultureInfo.InvariantCulture);
        variables["SMTP_USE_STARTTLS"] = tls;
        variables["SMTP_FROM_EMAIL"] = "shield@example.com";
        return await ShieldServer.StartAsync(variables, folder.Path, NullLoggerFactory.Instance, Ct, clock);
    }

    private async Task WriteAsync(DateTimeOffset? uselessAfter)
    {
        await using var db = host!.Services.GetRequiredService<ShieldDatabase>().Open();
        Mails.Add(db, "somebody@example.com", clock.GetUtcNow(), new("test", "A test", "A sentence.") { UselessAfter = uselessAfter });
        await db.SaveChangesAsync(Ct);
    }

    private async Task<MailEntry?> RowAsync()
    {
        await using var db = host!.Services.GetRequiredService<ShieldDatabase>().Open();
        return await db.MailOutbox.AsNoTracking().OrderByDescending(static mail => mail.Id).FirstOrDefaultAsync(Ct);
    }

    private Task TurnUntilAsync(Func<bool> holds) => TurnUntilAsync(() => Task.FromResult(holds()));

    // Time goes on while the worker works.
    private async Task TurnUntilAsync(Func<Task<bool>> holds, TimeSpan? step = null)
    {
        while (!await holds())
        {
            clock.Advance(step ?? TimeSpan.FromSeconds(5));
            await Task.Delay(20, Ct);
        }
    }
}
