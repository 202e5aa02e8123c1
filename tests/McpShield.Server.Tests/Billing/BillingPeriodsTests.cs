using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Features.Billing;
using McpShield.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace McpShield.Server.Tests.Billing;

public sealed class BillingPeriodsTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_period_that_ends_is_followed_by_the_next_with_one_invoice()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var first = (await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).Subscription!;

        await server.WorkAsync(ada, first.CurrentPeriodEnd, Ct);
        await server.WorkAsync(ada, first.CurrentPeriodEnd, Ct);

        var second = await ada.Api.Billing.SubscriptionAsync(Ct);
        Assert.Equal((first.Id, first.CurrentPeriodEnd), (second.Id, second.CurrentPeriodStart));
        var invoices = (await ada.Api.Billing.HistoryAsync(Ct)).Items;
        Assert.Equal([(second.CurrentPeriodStart, 29m), (first.CurrentPeriodStart, 29m)], invoices.Select(static one => (one.PeriodStart, one.Total)));
    }

    [Fact]
    public async Task Nothing_happens_before_the_end()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var first = (await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).Subscription!;

        await server.WorkAsync(ada, first.CurrentPeriodEnd.AddSeconds(-1), Ct);

        Assert.Single((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Fact]
    public async Task Periods_that_were_missed_are_caught_up_one_by_one()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var first = (await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).Subscription!;

        await server.WorkAsync(ada, first.CurrentPeriodStart.AddMonths(5).AddDays(1), Ct);

        var invoices = (await ada.Api.Billing.HistoryAsync(Ct)).Items;
        Assert.Equal(Enumerable.Range(0, 6).Select(months => first.CurrentPeriodStart.AddMonths(months)).Reverse(), invoices.Select(static one => one.PeriodStart));
        Assert.Equal(invoices.Select(static one => one.Number).OrderDescending(StringComparer.Ordinal), invoices.Select(static one => one.Number));
    }

    [Fact]
    public async Task Workers_at_once_make_one_invoice_a_period()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var first = (await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).Subscription!;

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => server.WorkAsync(ada, first.CurrentPeriodStart.AddMonths(3).AddDays(1), Ct)));

        var periods = (await ada.Api.Billing.HistoryAsync(Ct)).Items.Select(static one => one.PeriodStart).ToList();
        Assert.Equal(4, periods.Count);
        Assert.Equal(4, periods.Distinct().Count());
    }

    [Fact]
    public async Task The_free_plan_goes_on_without_invoices()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var first = await ada.Api.Billing.SubscriptionAsync(Ct);

        await server.WorkAsync(ada, first.CurrentPeriodEnd.AddDays(40), Ct);

        Assert.True((await ada.Api.Billing.SubscriptionAsync(Ct)).CurrentPeriodEnd > first.CurrentPeriodEnd.AddDays(40));
        Assert.Empty((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Fact]
    public async Task A_downgrade_begins_with_the_next_period()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct);
        var pending = (await ada.Api.Billing.SubscribeAsync(new("pro", "month"), Ct)).Subscription!;

        await server.WorkAsync(ada, pending.CurrentPeriodEnd, Ct);

        var next = await ada.Api.Billing.SubscriptionAsync(Ct);
        Assert.Equal(("month", null, pending.CurrentPeriodEnd, pending.CurrentPeriodEnd.AddMonths(1)), (next.Interval, next.NextPlan, next.CurrentPeriodStart, next.CurrentPeriodEnd));
        Assert.Equal([29m, 290m], (await ada.Api.Billing.HistoryAsync(Ct)).Items.Select(static one => one.Total));
    }

    [Fact]
    public async Task Events_beyond_the_limit_are_billed_once_for_each_calendar_month()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        var start = new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);
        await server.MovePeriodAsync(ada, start, start.AddMonths(1), Ct);
        await server.Services.CountAsync(ada, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 100_001, Ct);
        await server.Services.CountAsync(ada, new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero), 104_500, Ct);
        await server.Services.CountAsync(ada, new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), 100_000, Ct);

        await server.WorkAsync(ada, start.AddMonths(3), Ct);

        var invoices = (await ada.Api.Billing.HistoryAsync(Ct)).Items.Reverse().ToList();
        Assert.Equal([29.50m, 31.50m, 29m], invoices.Select(static one => one.Total));
        Assert.Equal(("Events of January 2026 beyond the plan's limit, by the thousand", 1m, 0.50m), (invoices[0].Lines[1].Description, invoices[0].Lines[1].Quantity, invoices[0].Lines[1].Amount));
        Assert.Equal((5m, 2.50m), (invoices[1].Lines[1].Quantity, invoices[1].Lines[1].Amount));
    }

    [Fact]
    public async Task Whoever_leaves_pays_for_the_running_month_and_not_twice_when_they_come_back()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        var now = server.Now();
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        await server.MovePeriodAsync(ada, now.AddMonths(-1), now.AddMinutes(10), Ct);
        await server.Services.CountAsync(ada, month, 103_000, Ct);
        var canceled = await ada.Api.Billing.CancelAsync(Ct);

        await server.WorkAsync(ada, canceled.CurrentPeriodEnd, Ct);
        var again = (await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).Subscription!;
        await server.WorkAsync(ada, again.CurrentPeriodEnd, Ct);

        var lines = (await ada.Api.Billing.HistoryAsync(Ct)).Items.SelectMany(static one => one.Lines).Where(static line => line.Description.StartsWith("Events of", StringComparison.Ordinal)).ToList();
        Assert.Equal((1, 1.50m), (lines.Count, lines.Sum(static line => line.Amount)));
    }

    [Fact]
    public async Task The_worker_does_it_by_itself_when_its_minute_comes()
    {
        using var folder = new TemporaryFolder();
        await using var host = await ShieldServer.StartAsync(await ShieldServer.VariablesAsync(), folder.Path, NullLoggerFactory.Instance, Ct);
        var ada = await ShieldServer.SignInAsync(host, "ada", Ct);
        var first = (await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).Subscription!;
        var clock = new FakeTimeProvider(first.CurrentPeriodEnd);
        using var worker = new BillingWorker(host.Services.GetRequiredService<ShieldDatabase>(), host.Services, clock, NullLogger<BillingWorker>.Instance);

        await worker.StartAsync(Ct);
        await Eventually.IsTrueAsync(() => Invoices() == 2, Ct);
        clock.Advance(TimeSpan.FromDays(31));
        await Eventually.IsTrueAsync(() => Invoices() == 3, Ct);
        await worker.StopAsync(Ct);

        int Invoices()
        {
            using var db = host.Services.OpenDb();
            return db.Invoices.Count(one => one.UserId == ada.UserId);
        }
    }
}
