using System.Text.Json;
using McpShield.Server.Hosting;
using Microsoft.Extensions.Logging;
using Stripe;
using Checkout = Stripe.Checkout;
using Ours = McpShield.Data.Billing;
using Portal = Stripe.BillingPortal;

namespace McpShield.Server.Features.Billing;

/// <summary>Stripe takes the payments, on its own pages: no card number ever comes here.</summary>
/// <remarks>
/// What Stripe has is the truth; our rows follow it, after each call of ours and each message of Stripe's. Calls that would hurt when made twice
/// carry an idempotency key of what they are about.
/// </remarks>
internal sealed partial class StripeBilling : IBillingProvider, IDisposable
{
    public const string ProviderName = "stripe";
    public const string UserIdName = "user_id";

    private const long SignatureToleranceSeconds = 300;
    private const int Retries = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PagePatience = TimeSpan.FromSeconds(3);

    private readonly StripeSettings settings;
    private readonly Uri webUrl;
    private readonly TimeProvider clock;
    private readonly ILogger<StripeBilling> logger;
    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false }) { Timeout = Patience };
    private readonly StripeClient client;

    public StripeBilling(StripeSettings settings, Uri webUrl, TimeProvider clock, ILogger<StripeBilling> logger)
    {
        (this.settings, this.webUrl, this.clock, this.logger) = (settings, webUrl, clock, logger);
        client = new(settings.SecretKey, httpClient: new SystemNetHttpClient(http, Retries, appInfo: null, enableTelemetry: false), apiBase: settings.ApiBase ?? StripeClient.DefaultApiBase);
    }

    public string Name => ProviderName;

    public void Dispose() => http.Dispose();

    public bool MustCheckOut(PlanChange change) => change.Kind == ChangeKind.AtOnce && change.Current.Provider != ProviderName && PlanTexts.PriceOf(change.Plan, change.Interval) > 0;

    public Task<string> CheckOutAsync(Payer payer, PlanChange change, CancellationToken ct) => AskAsync("open a checkout", async () =>
    {
        var user = payer.UserId.ToString("D");
        var price = PriceId(change.Plan.Code, change.Interval);
        var customer = change.Current.ProviderCustomerId;
        var session = await new Checkout.SessionService(client).CreateAsync(
            new()
            {
                Mode = "subscription",
                LineItems = [new() { Price = price, Quantity = 1 }],
                ClientReferenceId = user,
                Customer = customer,
                CustomerEmail = customer is null ? payer.Email : null,
                Metadata = new() { [UserIdName] = user },
                SubscriptionData = new() { Metadata = new() { [UserIdName] = user } },
                SuccessUrl = new Uri(webUrl, "/app/billing?checkout=done").ToString(),
                CancelUrl = new Uri(webUrl, "/app/billing?checkout=left").ToString(),
            },
            Once($"checkout {user} {change.Current.Id:N} {price} {Periods.Second(clock.GetUtcNow()).ToUnixTimeSeconds() / 60}"),
            ct);
        return session.Url;
    }, ct);

    public Task<ProviderSubscription?> ChangeAsync(PlanChange change, CancellationToken ct) => change.Current.Provider != ProviderName ? Task.FromResult<ProviderSubscription?>(null) : AskAsync("change a subscription", async () =>
    {
        var id = change.Current.ProviderSubscriptionId!;
        var theirs = await ReleaseAsync(id, ct);
        var subscriptions = new SubscriptionService(client);
        if (change.Kind == ChangeKind.AtOnce)
        {
            var price = PriceId(change.Plan.Code, change.Interval);
            return ToOurs(await subscriptions.UpdateAsync(
                id,
                new()
                {
                    Items = [new() { Id = theirs.Items.Data[0].Id, Price = price }],
                    ProrationBehavior = "always_invoice",
                    PaymentBehavior = "error_if_incomplete",
                    BillingCycleAnchor = new() { Type = "now" },
                    CancelAtPeriodEnd = false,
                },
                Once($"change {id} {change.Current.Id:N} {price}"),
                ct));
        }

        var endsWithPeriod = change.Kind == ChangeKind.AtPeriodEnd && PlanTexts.PriceOf(change.Plan, change.Interval) == 0;
        if (theirs.CancelAtPeriodEnd != endsWithPeriod) theirs = await subscriptions.UpdateAsync(id, new() { CancelAtPeriodEnd = endsWithPeriod }, cancellationToken: ct);
        if (change.Kind != ChangeKind.AtPeriodEnd || endsWithPeriod) return ToOurs(theirs);

        var item = theirs.Items.Data[0];
        var schedules = new SubscriptionScheduleService(client);
        var schedule = await schedules.CreateAsync(new() { FromSubscription = id }, cancellationToken: ct);
        await schedules.UpdateAsync(
            schedule.Id,
            new()
            {
                EndBehavior = "release",
                Phases =
                [
                    new() { Items = [new() { Price = item.Price.Id, Quantity = 1 }], StartDate = item.CurrentPeriodStart, EndDate = item.CurrentPeriodEnd },
                    new() { Items = [new() { Price = PriceId(change.Plan.Code, change.Interval), Quantity = 1 }], StartDate = item.CurrentPeriodEnd, ProrationBehavior = "none" },
                ],
            },
            cancellationToken: ct);
        return ToOurs(await subscriptions.GetAsync(id, cancellationToken: ct));
    }, ct);

    public Task<ProviderSubscription?> CancelAsync(Ours.Subscription current, CancellationToken ct) => current.Provider != ProviderName ? Task.FromResult<ProviderSubscription?>(null) : AskAsync("cancel a subscription", async () =>
    {
        await ReleaseAsync(current.ProviderSubscriptionId!, ct);
        return ToOurs(await new SubscriptionService(client).UpdateAsync(current.ProviderSubscriptionId, new() { CancelAtPeriodEnd = true }, cancellationToken: ct));
    }, ct);

    // A page that shows the plan must not wait long for, or fail with, a link on it.
    public async Task<string?> ManageUrlAsync(Ours.Subscription current, CancellationToken ct)
    {
        if (current.ProviderCustomerId is not { } customer) return null;
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct);
        soon.CancelAfter(PagePatience);
        try
        {
            return await AskAsync("open the portal", async () => (await new Portal.SessionService(client).CreateAsync(new() { Customer = customer, ReturnUrl = new Uri(webUrl, "/app/billing").ToString() }, cancellationToken: soon.Token)).Url, ct);
        }
        catch (BillingProviderException failure)
        {
            Log.NoPortal(logger, failure);
            return null;
        }
    }

    /// <summary>A message of Stripe's; <c>null</c>: it is not from Stripe, or too old.</summary>
    public Event? ReadEvent(string body, string? signature)
    {
        if (string.IsNullOrEmpty(signature)) return null;
        try
        {
            return EventUtility.ConstructEvent(body, signature, settings.WebhookSecret, SignatureToleranceSeconds, clock.GetUtcNow().ToUnixTimeSeconds(), throwOnApiVersionMismatch: false);
        }
        catch (Exception wrong) when (wrong is StripeException or JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A subscription as it is now; <c>null</c>: there is none.</summary>
    public Task<ProviderSubscription?> FetchAsync(string id, CancellationToken ct) => AskAsync("show a subscription", async () =>
    {
        try
        {
            return ToOurs(await new SubscriptionService(client).GetAsync(id, cancellationToken: ct));
        }
        catch (StripeException missing) when (missing.HttpStatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }, ct);

    /// <summary>An invoice as it is now.</summary>
    public Task<Invoice> FetchInvoiceAsync(string id, CancellationToken ct) => AskAsync("show an invoice", () => new InvoiceService(client).GetAsync(id, cancellationToken: ct), ct);

    /// <summary>Ends a subscription at once: another has taken its place.</summary>
    public Task EndAsync(string id, CancellationToken ct) => AskAsync("end a subscription", () => new SubscriptionService(client).CancelAsync(id, new() { Prorate = true, InvoiceNow = true }, cancellationToken: ct), ct);

    /// <summary>Puts a line on the customer's next invoice, once a <paramref name="key"/>.</summary>
    public Task AddLineAsync(Ours.Subscription current, Ours.InvoiceLine line, string key, CancellationToken ct) => AskAsync("add a line to the next invoice", () => new InvoiceItemService(client).CreateAsync(
        new() { Customer = current.ProviderCustomerId, Subscription = current.ProviderSubscriptionId, Currency = "usd", Amount = (long)(line.Amount * 100), Description = $"{line.Description} ({line.Quantity:0})" }, Once(key), ct), ct);

    /// <summary>The plan and interval of one of Stripe's prices.</summary>
    public (string Plan, string Interval)? PlanOf(string priceId) => settings.Prices.FirstOrDefault(pair => pair.Value == priceId) is { Key: { } key } && key.Split(' ') is [var plan, var interval] ? (plan, interval) : null;

    private string PriceId(string plan, string interval) => settings.Prices.TryGetValue($"{plan} {interval}", out var id)
        ? id
        : throw new BillingProviderException($"there is no price for it: set STRIPE_PRICE_{plan.ToUpperInvariant()}_{interval.ToUpperInvariant()}");

    // A change that waits for the period's end goes; the subscription itself stays.
    private async Task<Stripe.Subscription> ReleaseAsync(string id, CancellationToken ct)
    {
        var theirs = await new SubscriptionService(client).GetAsync(id, cancellationToken: ct);
        if (theirs.ScheduleId is { } schedule) await new SubscriptionScheduleService(client).ReleaseAsync(schedule, cancellationToken: ct);
        return theirs;
    }

    private static RequestOptions Once(string key) => new() { IdempotencyKey = $"mcpshield {key}" };

    private static ProviderSubscription? ToOurs(Stripe.Subscription theirs)
    {
        if (theirs.Items?.Data is not [var item, ..]) throw new BillingProviderException($"subscription {theirs.Id} has no items");
        var user = theirs.Metadata?.TryGetValue(UserIdName, out var text) is true && Guid.TryParseExact(text, "D", out var id) ? id : (Guid?)null;
        return new(
            theirs.Id, theirs.CustomerId, user, item.Price.Id,
            IsLive: theirs.Status is "active" or "trialing" or "past_due",
            IsBegun: theirs.Status is not "incomplete",
            Utc(item.CurrentPeriodStart), Utc(item.CurrentPeriodEnd),
            EndsWithPeriod: theirs.CancelAtPeriodEnd || theirs.CancelAt <= item.CurrentPeriodEnd,
            HasSchedule: theirs.ScheduleId is not null);
    }

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static async Task<T> AskAsync<T>(string what, Func<Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask();
        }
        catch (StripeException refused)
        {
            throw new BillingProviderException($"Stripe refused to {what}: {(int)refused.HttpStatusCode} {refused.StripeError?.Type} {refused.StripeError?.Code}", refused.StripeError?.Type == "card_error", refused);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException || (failure is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new BillingProviderException($"Stripe cannot be reached to {what}", inner: failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(471, LogLevel.Warning, "The page where payment data are managed cannot be linked to")]
        public static partial void NoPortal(ILogger logger, Exception failure);
    }
}
