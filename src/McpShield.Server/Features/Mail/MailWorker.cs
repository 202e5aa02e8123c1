using System.Globalization;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using McpShield.Data;
using McpShield.Data.Outbox;
using McpShield.Data.Work;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace McpShield.Server.Features.Mail;

/// <summary>Sends what is due, one copy of the program at a time. A mail is sent at least once, and at most once unless the mail server dies before it answers.</summary>
internal sealed partial class MailWorker(ShieldDatabase database, SmtpSettings smtp, TimeProvider clock, ILogger<MailWorker> logger) : BackgroundService
{
    private const string LeaseName = "mail";
    private const int Batch = 20;
    private const int ImplicitTlsPort = 465;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How long to wait after each try that failed; after the last one it is given up.</summary>
    internal static readonly TimeSpan[] Waits = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(12)];

    private readonly Guid holder = Guid.CreateVersion7(clock.GetUtcNow());
    private readonly SemaphoreSlim bell = new(0, 1);

    public override void Dispose()
    {
        bell.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Mails.Written += Ring;
        try
        {
            while (true)
            {
                try
                {
                    while (await SendDueAsync(stoppingToken)) stoppingToken.ThrowIfCancellationRequested();
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    Log.NotWorking(logger, failure);
                }

                await WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await ReleaseAsync();
        }
        finally
        {
            Mails.Written -= Ring;
        }
    }

    private void Ring()
    {
        try
        {
            if (bell.CurrentCount == 0) bell.Release();
        }
        catch (Exception harmless) when (harmless is SemaphoreFullException or ObjectDisposedException)
        {
            // It rings already, or nobody listens any more.
        }
    }

    private async Task WaitAsync(CancellationToken ct)
    {
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var rung = bell.WaitAsync(woken.Token);
        await Task.WhenAny(rung, Task.Delay(Look, clock, woken.Token));
        await woken.CancelAsync();
        await ((Task)rung).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    // Whether there may be more.
    private async Task<bool> SendDueAsync(CancellationToken ct)
    {
        await using var db = database.Open();
        var now = clock.GetUtcNow();
        if (!await db.MailOutbox.AnyAsync(mail => mail.DueAt <= now, ct)) return false;
        if (!await Leases.TryHoldAsync(db, LeaseName, holder, now, LeaseTime, ct)) return false;

        var due = await db.MailOutbox.AsNoTracking().Where(mail => mail.DueAt <= now).OrderBy(static mail => mail.DueAt).ThenBy(static mail => mail.Id).Take(Batch).ToListAsync(ct);
        using var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        foreach (var mail in due)
        {
            if (!await Leases.TryHoldAsync(db, LeaseName, holder, clock.GetUtcNow(), LeaseTime, ct)) return false;
            await SendAsync(db, client, mail, ct);
        }

        if (client.IsConnected) await client.DisconnectAsync(quit: true, ct);
        return due.Count == Batch;
    }

    private async Task SendAsync(ShieldDb db, SmtpClient client, MailEntry mail, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (mail.UselessAfter <= now)
        {
            await EndAsync(db, mail.Id, sentAt: null, "useless by now", ct);
            return;
        }

        // INVARIANT: claimed before it is sent. Whoever dies in between has used up a try, and nobody else sends it meanwhile.
        DateTimeOffset? next = mail.Attempts < Waits.Length ? now + Waits[mail.Attempts] : null;
        var until = next ?? now + LeaseTime;
        var claimed = await db.MailOutbox.Where(row => row.Id == mail.Id && row.Attempts == mail.Attempts && row.DueAt != null)
            .ExecuteUpdateAsync(set => set.SetProperty(static row => row.Attempts, mail.Attempts + 1).SetProperty(static row => row.DueAt, until), ct);
        if (claimed == 0) return;
        if (mail.Attempts > Waits.Length)
        {
            await EndAsync(db, mail.Id, sentAt: null, "given up", ct);
            return;
        }

        try
        {
            await DeliverAsync(client, mail, ct);
            await EndAsync(db, mail.Id, clock.GetUtcNow(), why: null, CancellationToken.None);
            Log.Sent(logger, mail.Id, mail.Kind);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested && failure is ProtocolException or CommandException or AuthenticationException or SslHandshakeException or IOException or OperationCanceledException or System.Net.Sockets.SocketException or NotSupportedException or TimeoutException or ParseException)
        {
            var why = Why(failure);
            Log.NotSent(logger, mail.Id, mail.Kind, mail.Attempts + 1, why);
            if (next is null || IsFinal(failure)) await EndAsync(db, mail.Id, sentAt: null, why, ct);
            else await db.MailOutbox.Where(row => row.Id == mail.Id).ExecuteUpdateAsync(set => set.SetProperty(static row => row.LastError, why), ct);
        }
    }

    private async Task DeliverAsync(SmtpClient client, MailEntry mail, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        if (!client.IsConnected)
        {
            // Where STARTTLS is configured, a server that does not offer it gets nothing.
            var tls = smtp.UsesStartTls ? SecureSocketOptions.StartTls : smtp.Port == ImplicitTlsPort ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.None;
            await client.ConnectAsync(smtp.Host, smtp.Port, tls, patience.Token);
            if (smtp.UserName is { } user) await client.AuthenticateAsync(user, smtp.Password ?? "", patience.Token);
        }

        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress(smtp.FromName, smtp.FromEmail));
        message.To.Add(new MailboxAddress(null, mail.ToEmail));
        message.Subject = mail.Subject;
        message.Date = mail.CreatedAt;
        message.MessageId = $"{mail.Id:N}@{smtp.FromEmail[(smtp.FromEmail.IndexOf('@', StringComparison.Ordinal) + 1)..]}"; // the same at every try: who gets it twice sees it once
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = new BodyBuilder { TextBody = mail.TextBody, HtmlBody = mail.HtmlBody }.ToMessageBody();
        await client.SendAsync(message, patience.Token);
    }

    private static Task<int> EndAsync(ShieldDb db, Guid id, DateTimeOffset? sentAt, string? why, CancellationToken ct) => db.MailOutbox.Where(row => row.Id == id)
        .ExecuteUpdateAsync(set => set
            .SetProperty(static row => row.DueAt, (DateTimeOffset?)null)
            .SetProperty(static row => row.SentAt, sentAt)
            .SetProperty(static row => row.LastError, why)
            .SetProperty(static row => row.TextBody, "")
            .SetProperty(static row => row.HtmlBody, ""), ct);

    // What the mail server says may quote the mail: only its kind and number are kept.
    private static string Why(Exception failure) => failure is SmtpCommandException refused
        ? string.Create(CultureInfo.InvariantCulture, $"SMTP {(int)refused.StatusCode}")
        : failure.GetType().Name;

    private static bool IsFinal(Exception failure) => failure is ParseException or SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted, StatusCode: >= (SmtpStatusCode)500 };

    private async Task ReleaseAsync()
    {
        try
        {
            await using var db = database.Open();
            await Leases.ReleaseAsync(db, LeaseName, holder, CancellationToken.None);
        }
        catch (System.Data.Common.DbException)
        {
            // It runs out by itself.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(510, LogLevel.Debug, "Mail {Id} ({Kind}) was sent")]
        public static partial void Sent(ILogger logger, Guid id, string kind);

        [LoggerMessage(511, LogLevel.Warning, "Mail {Id} ({Kind}) was not sent at try {Attempt}: {Why}")]
        public static partial void NotSent(ILogger logger, Guid id, string kind, int attempt, string why);

        [LoggerMessage(512, LogLevel.Error, "The mail worker could not look for mails; it tries again")]
        public static partial void NotWorking(ILogger logger, Exception failure);
    }
}
