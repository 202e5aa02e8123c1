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

namespace McpShield.Server.Tests.Mail;

/// <summary>Mails over a real SMTP conversation.</summary>
public sealed class MailWorkerTests(MailingServer mailing) : IClassFixture<MailingServer>
{
    private readonly string to = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_is_sent_and_its_content_leaves_the_database()
    {
        var ada = new Account(ShieldServer.Visitor(mailing.Url));

        await ada.Api.Auth.RegisterAsync(ada.Registration, Ct);

        await UntilAsync(row => row is { SentAt: not null, DueAt: null, TextBody: "", HtmlBody: "" }, TimeSpan.Zero, ada.Email);
        var mail = Assert.Single(mailing.Sink.To(ada.Email));
        Assert.Equal("shield@example.com", mail.From);
        Assert.Contains("Subject: Your MCPShield code", mail.Data, StringComparison.Ordinal);
        Assert.Contains("multipart/alternative", mail.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_now_is_tried_again()
    {
        mailing.Sink.Refuse(to, "451 4.3.0 try later", times: 2);

        await WriteAsync(uselessAfter: null);

        await UntilAsync(static row => row is { SentAt: not null, Attempts: 3 }, TimeSpan.FromSeconds(30));
        Assert.Single(mailing.Sink.To(to));
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_good_is_given_up()
    {
        mailing.Sink.Refuse(to, "550 5.1.1 no such mailbox: somebody@example.com");

        await WriteAsync(uselessAfter: null);

        await UntilAsync(static row => row is { SentAt: null, DueAt: null, Attempts: 1, LastError: "SMTP 550", TextBody: "" }, TimeSpan.Zero);
        Assert.Empty(mailing.Sink.To(to));
    }

    [Fact]
    public async Task A_mail_that_has_become_useless_is_not_sent()
    {
        mailing.Sink.Refuse(to, "451 4.3.0 try later");

        await WriteAsync(uselessAfter: mailing.Clock.GetUtcNow().AddSeconds(30));

        await UntilAsync(static row => row is { SentAt: null, DueAt: null, TextBody: "" }, TimeSpan.FromMinutes(1));
        Assert.Empty(mailing.Sink.To(to));
    }

    [Fact]
    public async Task After_its_last_try_a_mail_is_given_up()
    {
        mailing.Sink.Refuse(to, "451 4.3.0 try later");

        await WriteAsync(uselessAfter: null, attempts: MailWorker.Waits.Length);

        await UntilAsync(static row => row is { SentAt: null, DueAt: null, Attempts: 6, LastError: "SMTP 451", TextBody: "" }, TimeSpan.Zero);
        Assert.Empty(mailing.Sink.To(to));
    }

    [Fact]
    public async Task With_a_mail_server_there_is_no_outbox_to_look_into()
    {
        using var visitor = ShieldServer.Visitor(mailing.Url);

        using var answer = await visitor.GetAsync("/dev/outbox", Ct);

        await answer.IsProblemAsync(System.Net.HttpStatusCode.NotFound, "route.not-found", Ct);
    }

    private async Task WriteAsync(DateTimeOffset? uselessAfter, int attempts = 0)
    {
        await using var db = mailing.Services.GetRequiredService<ShieldDatabase>().Open();
        Mails.Add(db, to, mailing.Clock.GetUtcNow(), new("test", "A test", "A sentence.") { UselessAfter = uselessAfter });
        db.MailOutbox.Local.Single().Attempts = attempts;
        await db.SaveChangesAsync(Ct);
    }

    // Time goes on by a step while the worker works.
    private async Task UntilAsync(Func<MailEntry?, bool> holds, TimeSpan step, string? address = null)
    {
        address ??= to;
        while (true)
        {
            await using var db = mailing.Services.GetRequiredService<ShieldDatabase>().Open();
            if (holds(await db.MailOutbox.AsNoTracking().Where(mail => mail.ToEmail == address).SingleOrDefaultAsync(Ct))) return;
            mailing.Clock.Advance(step);
            await Task.Delay(50, Ct);
        }
    }
}

/// <summary>A server that sends its mails to a sink, in a time that the tests turn.</summary>
public sealed class MailingServer : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private ShieldHost? host;

    public ShiftedClock Clock { get; } = new();

    public SmtpSink Sink { get; } = new();

    public Uri Url => host!.Url;

    public IServiceProvider Services => host!.Services;

    public async ValueTask InitializeAsync()
    {
        var variables = await ShieldServer.VariablesAsync();
        variables["SMTP_HOST"] = "127.0.0.1";
        variables["SMTP_PORT"] = Sink.Port.ToString(CultureInfo.InvariantCulture);
        variables["SMTP_USE_STARTTLS"] = "false";
        variables["SMTP_FROM_EMAIL"] = "shield@example.com";
        host = await ShieldServer.StartAsync(variables, folder.Path, NullLoggerFactory.Instance, TestContext.Current.CancellationToken, Clock);
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null) await host.DisposeAsync();
        await Sink.DisposeAsync();
        folder.Dispose();
    }
}
