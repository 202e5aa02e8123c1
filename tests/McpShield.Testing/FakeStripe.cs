using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace McpShield.Testing;

/// <summary>Something Stripe would tell.</summary>
public sealed record StripeMessage(string Id, string Type, string Body);

/// <summary>A request that Stripe got.</summary>
public sealed record StripeRequest(string Method, string Path, IReadOnlyDictionary<string, string> Form, string? IdempotencyKey);

/// <summary>
/// Stripe as far as we use it, on its wire: form-encoded requests with a bearer key, JSON answers, errors in Stripe's shape, idempotency keys, signed
/// messages. The real client library talks to it.
/// </summary>
public sealed class FakeStripe : IAsyncDisposable
{
    public const string SecretKey = "sk_test_of_these_tests";
    public const string WebhookSecret = "whsec_of_these_tests";
    public const string ProMonth = "price_pro_month";
    public const string ProYear = "price_pro_year";

    private static readonly Dictionary<string, (long Cents, bool IsYear)> Prices = new(StringComparer.Ordinal) { [ProMonth] = (2_900, false), [ProYear] = (29_000, true) };

    private readonly HttpListener listener;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly Dictionary<string, StripeSubscription> subscriptions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> invoices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Request, int Status, string Body)> answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<StripeMessage> messages = new();
    private readonly ConcurrentQueue<StripeRequest> requests = new();
    private readonly Task serving;
    private int made;

    private FakeStripe(HttpListener listener, Uri url, TimeProvider clock)
    {
        (this.listener, Url, this.clock) = (listener, url, clock);
        serving = ServeAsync();
    }

    public Uri Url { get; }

    /// <summary>Everything it was asked.</summary>
    public IReadOnlyList<StripeRequest> Requests => [.. requests];

    /// <summary>Answers every request with this error until it is <c>null</c> again: <c>card_error</c> refuses with 402, anything else is Stripe's own failure.</summary>
    public string? FailsWith { get; set; }

    public static FakeStripe Start(TimeProvider clock)
    {
        for (var attempt = 0; ; attempt++)
        {
            var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}/");
            var listener = new HttpListener { Prefixes = { url } };
            try
            {
                listener.Start();
                return new(listener, new(url), clock);
            }
            catch (HttpListenerException) when (attempt < 5)
            {
                // Another program took the port in between.
            }
        }
    }

    /// <summary>The configuration of a server that uses it.</summary>
    public void Configure(IDictionary<string, string> variables)
    {
        variables["BILLING_PROVIDER"] = "stripe";
        variables["STRIPE_SECRET_KEY"] = SecretKey;
        variables["STRIPE_WEBHOOK_SECRET"] = WebhookSecret;
        variables["STRIPE_API_BASE"] = Url.ToString();
        variables["STRIPE_PRICE_PRO_MONTH"] = ProMonth;
        variables["STRIPE_PRICE_PRO_YEAR"] = ProYear;
    }

    /// <summary>The customer pays on the page of a checkout; returns the subscription.</summary>
    public string Pay(string checkoutUrl)
    {
        lock (gate)
        {
            var session = sessions[checkoutUrl.Split('/')[^1]];
            var price = (string)session["price"]!;
            var subscription = new StripeSubscription(Next("sub"), (string?)session["customer"] ?? Next("cus"), Next("si"), price, Now(), EndOf(price, Now())) { UserId = (string?)session["user"] };
            subscriptions[subscription.Id] = subscription;
            (session["status"], session["payment_status"], session["customer"], session["subscription"]) = ("complete", "paid", subscription.Customer, subscription.Id);
            Tell("checkout.session.completed", session);
            Tell("customer.subscription.created", subscription.ToJson());
            Tell("invoice.paid", Bill(subscription, "paid", Prices[price].Cents, "1 × Pro"));
            return subscription.Id;
        }
    }

    /// <summary>The period ends and the next is paid, or its payment fails.</summary>
    public void Renew(string id, bool isPaid = true)
    {
        lock (gate)
        {
            var subscription = subscriptions[id];
            if (subscription.NextPrice is { } price) (subscription.Price, subscription.NextPrice, subscription.Schedule) = (price, null, null);
            subscription.PeriodStart = subscription.PeriodEnd;
            subscription.PeriodEnd = EndOf(subscription.Price, subscription.PeriodStart);
            subscription.Status = isPaid ? "active" : "past_due";
            Tell("customer.subscription.updated", subscription.ToJson());
            Tell(isPaid ? "invoice.paid" : "invoice.payment_failed", Bill(subscription, isPaid ? "paid" : "open", Prices[subscription.Price].Cents, "1 × Pro"));
        }
    }

    /// <summary>The subscription is over: its last period has ended, or it was never paid.</summary>
    public void End(string id)
    {
        lock (gate) EndNow(subscriptions[id]);
    }

    public bool IsLive(string id)
    {
        lock (gate) return subscriptions[id].Status != "canceled";
    }

    /// <summary>What has not been taken yet, oldest first.</summary>
    public IReadOnlyList<StripeMessage> TakeMessages()
    {
        var taken = new List<StripeMessage>();
        while (messages.TryDequeue(out var message)) taken.Add(message);
        return taken;
    }

    /// <summary>Sends a message as Stripe would.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpClient http, StripeMessage message, CancellationToken ct, DateTimeOffset? signedAt = null, string secret = WebhookSecret)
    {
        var time = (signedAt ?? clock.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{message.Body}")));
        return SendAsync(http, message.Body, $"t={time},v1={signature}", ct);
    }

    /// <summary>Sends a body with a signature of the test's own.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, string body, string? signature, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/billing/webhook") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (signature is not null) request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        return await http.SendAsync(request, ct);
    }

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var (status, body) = Answer(context.Request, await reader.ReadToEndAsync());
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
    }

    private (int Status, string Body) Answer(HttpListenerRequest request, string body)
    {
        var form = ParseForm(request.HttpMethod == "POST" ? body : request.Url!.Query.TrimStart('?'));
        var key = request.Headers["Idempotency-Key"];
        requests.Enqueue(new(request.HttpMethod, request.Url!.AbsolutePath, form, key));
        lock (gate)
        {
            if (request.Headers["Authorization"] != $"Bearer {SecretKey}") return Error(401, "invalid_request_error", "Invalid API Key provided");
            if (FailsWith is { } type) return type == "card_error" ? Error(402, type, "Your card was declined.", "card_declined") : Error(500, type, "Something went wrong on Stripe's end.");
            var asked = $"{request.HttpMethod} {request.Url.AbsolutePath} {body}";
            if (key is not null && request.HttpMethod == "POST" && answers.TryGetValue(key, out var before))
            {
                return before.Request == asked ? (before.Status, before.Body) : Error(400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with.");
            }

            var (status, answer) = Route(request.HttpMethod, request.Url.AbsolutePath.Trim('/').Split('/'), form) is { } found ? (200, found.ToJsonString()) : Error(404, "invalid_request_error", "No such object", "resource_missing");
            if (key is not null && request.HttpMethod == "POST") answers[key] = (asked, status, answer);
            return (status, answer);
        }
    }

    private JsonObject? Route(string method, string[] path, Dictionary<string, string> form) => (method, path) switch
    {
        ("POST", ["v1", "checkout", "sessions"]) => OpenSession(form),
        ("POST", ["v1", "billing_portal", "sessions"]) => new() { ["id"] = Next("bps"), ["object"] = "billing_portal.session", ["customer"] = form["customer"], ["url"] = $"https://billing.stripe.test/p/{form["customer"]}" },
        ("GET", ["v1", "subscriptions", var id]) => subscriptions.GetValueOrDefault(id)?.ToJson(),
        ("POST", ["v1", "subscriptions", var id]) => subscriptions.TryGetValue(id, out var one) ? Update(one, form) : null,
        ("DELETE", ["v1", "subscriptions", var id]) => subscriptions.TryGetValue(id, out var one) ? EndNow(one) : null,
        ("POST", ["v1", "subscription_schedules"]) => Schedule(subscriptions[form["from_subscription"]]),
        ("POST", ["v1", "subscription_schedules", var id]) => Plan(subscriptions.Values.Single(one => one.Schedule == id), form),
        ("POST", ["v1", "subscription_schedules", var id, "release"]) => Release(subscriptions.Values.Single(one => one.Schedule == id)),
        ("GET", ["v1", "invoices", var id]) => invoices.TryGetValue(id, out var invoice) ? (JsonObject)invoice.DeepClone() : null,
        ("POST", ["v1", "invoiceitems"]) => new() { ["id"] = Next("ii"), ["object"] = "invoiceitem", ["amount"] = long.Parse(form["amount"], CultureInfo.InvariantCulture), ["currency"] = form["currency"], ["customer"] = form["customer"], ["description"] = form["description"] },
        _ => null,
    };

    private JsonObject OpenSession(Dictionary<string, string> form)
    {
        var id = Next("cs");
        var session = new JsonObject
        {
            ["id"] = id,
            ["object"] = "checkout.session",
            ["mode"] = form["mode"],
            ["status"] = "open",
            ["payment_status"] = "unpaid",
            ["url"] = $"https://checkout.stripe.test/{id}",
            ["client_reference_id"] = form["client_reference_id"],
            ["customer"] = form.GetValueOrDefault("customer"),
            ["customer_email"] = form.GetValueOrDefault("customer_email"),
            ["price"] = form["line_items[0][price]"],
            ["user"] = form["subscription_data[metadata][user_id]"],
            ["subscription"] = null,
        };
        sessions[id] = session;
        return (JsonObject)session.DeepClone();
    }

    private JsonObject Update(StripeSubscription one, Dictionary<string, string> form)
    {
        if (form.TryGetValue("cancel_at_period_end", out var cancels)) one.CancelsAtPeriodEnd = cancels is "true" or "True";
        if (form.TryGetValue("items[0][price]", out var price) && price != one.Price)
        {
            var left = (one.PeriodEnd - Now()) / (one.PeriodEnd - one.PeriodStart);
            var credit = (long)Math.Round(Prices[one.Price].Cents * left);
            (one.Price, one.PeriodStart, one.PeriodEnd) = (price, Now(), EndOf(price, Now()));
            Tell("invoice.paid", Bill(one, "paid", Prices[price].Cents - credit, "Remaining time on Pro, less unused time"));
        }

        Tell("customer.subscription.updated", one.ToJson());
        return one.ToJson();
    }

    private JsonObject EndNow(StripeSubscription one)
    {
        (one.Status, one.Schedule) = ("canceled", null);
        Tell("customer.subscription.deleted", one.ToJson());
        return one.ToJson();
    }

    private JsonObject Schedule(StripeSubscription one)
    {
        one.Schedule = Next("sub_sched");
        return ScheduleJson(one.Schedule, one);
    }

    private JsonObject Plan(StripeSubscription one, Dictionary<string, string> form)
    {
        one.NextPrice = form["phases[1][items][0][price]"];
        Tell("customer.subscription.updated", one.ToJson());
        return ScheduleJson(one.Schedule!, one);
    }

    private JsonObject Release(StripeSubscription one)
    {
        var id = one.Schedule!;
        (one.Schedule, one.NextPrice) = (null, null);
        Tell("customer.subscription.updated", one.ToJson());
        return ScheduleJson(id, one);
    }

    private static JsonObject ScheduleJson(string id, StripeSubscription one) => new() { ["id"] = id, ["object"] = "subscription_schedule", ["subscription"] = one.Id, ["status"] = one.Schedule is null ? "released" : "active" };

    private JsonObject Bill(StripeSubscription one, string status, long cents, string text)
    {
        var id = Next("in");
        var period = new JsonObject { ["start"] = one.PeriodStart.ToUnixTimeSeconds(), ["end"] = one.PeriodEnd.ToUnixTimeSeconds() };
        var invoice = new JsonObject
        {
            ["id"] = id,
            ["object"] = "invoice",
            ["customer"] = one.Customer,
            ["status"] = status,
            ["currency"] = "usd",
            ["total"] = cents,
            ["amount_due"] = cents,
            ["created"] = Now().ToUnixTimeSeconds(),
            ["period_start"] = one.PeriodStart.ToUnixTimeSeconds(),
            ["period_end"] = one.PeriodStart.ToUnixTimeSeconds(),
            ["parent"] = new JsonObject { ["type"] = "subscription_details", ["subscription_details"] = new JsonObject { ["subscription"] = one.Id } },
            ["lines"] = new JsonObject { ["object"] = "list", ["has_more"] = false, ["data"] = new JsonArray(new JsonObject { ["id"] = Next("il"), ["object"] = "line_item", ["amount"] = cents, ["currency"] = "usd", ["quantity"] = 1, ["description"] = text, ["period"] = period }) },
        };
        invoices[id] = invoice;
        return invoice;
    }

    private void Tell(string type, JsonObject what)
    {
        var id = Next("evt");
        var body = new JsonObject { ["id"] = id, ["object"] = "event", ["api_version"] = "2026-06-30", ["created"] = Now().ToUnixTimeSeconds(), ["livemode"] = false, ["type"] = type, ["data"] = new JsonObject { ["object"] = what.DeepClone() } };
        messages.Enqueue(new(id, type, body.ToJsonString()));
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());

    private static DateTimeOffset EndOf(string price, DateTimeOffset start) => start.AddMonths(Prices[price].IsYear ? 12 : 1);

    private string Next(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{Url.Port}_{++made}");

    private static (int Status, string Body) Error(int status, string type, string message, string? code = null) =>
        (status, new JsonObject { ["error"] = new JsonObject { ["type"] = type, ["message"] = message, ["code"] = code } }.ToJsonString());

    private static Dictionary<string, string> ParseForm(string text)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            form[WebUtility.UrlDecode(pair[..at])] = WebUtility.UrlDecode(pair[(at + 1)..]);
        }

        return form;
    }

    private sealed class StripeSubscription(string id, string customer, string item, string price, DateTimeOffset start, DateTimeOffset end)
    {
        public string Id => id;

        public string Customer => customer;

        public string? UserId { get; init; }

        public string Price { get; set; } = price;

        public string? NextPrice { get; set; }

        public string Status { get; set; } = "active";

        public bool CancelsAtPeriodEnd { get; set; }

        public string? Schedule { get; set; }

        public DateTimeOffset PeriodStart { get; set; } = start;

        public DateTimeOffset PeriodEnd { get; set; } = end;

        public JsonObject ToJson() => new()
        {
            ["id"] = Id,
            ["object"] = "subscription",
            ["customer"] = Customer,
            ["status"] = Status,
            ["cancel_at_period_end"] = CancelsAtPeriodEnd,
            ["schedule"] = Schedule,
            ["metadata"] = UserId is null ? [] : new JsonObject { ["user_id"] = UserId },
            ["items"] = new JsonObject
            {
                ["object"] = "list",
                ["data"] = new JsonArray(new JsonObject
                {
                    ["id"] = item,
                    ["object"] = "subscription_item",
                    ["quantity"] = 1,
                    ["price"] = new JsonObject { ["id"] = Price, ["object"] = "price", ["currency"] = "usd", ["unit_amount"] = Prices[Price].Cents },
                    ["current_period_start"] = PeriodStart.ToUnixTimeSeconds(),
                    ["current_period_end"] = PeriodEnd.ToUnixTimeSeconds(),
                }),
            },
        };
    }
}
