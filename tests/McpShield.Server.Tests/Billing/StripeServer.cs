using McpShield.Server.Hosting;
using McpShield.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.Server.Tests.Billing;

/// <summary>A server that takes payments through Stripe, and a Stripe of its own.</summary>
public sealed class StripeServer : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private ShieldHost? host;

    public FakeStripe Stripe { get; } = FakeStripe.Start(TimeProvider.System);

    public ShieldHost Host => host!;

    public HttpClient Visitor { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var variables = await ShieldServer.VariablesAsync();
        Stripe.Configure(variables);
        host = await ShieldServer.StartAsync(variables, folder.Path, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        Visitor = ShieldServer.Visitor(host.Url);
    }

    public async ValueTask DisposeAsync()
    {
        Visitor?.Dispose();
        if (host is not null) await host.DisposeAsync();
        await Stripe.DisposeAsync();
        folder.Dispose();
    }

    public Task<Person> SignInAsync(string name, CancellationToken ct, string plan = "free") => ShieldServer.SignInAsync(host!, name, ct, plan);

    /// <summary>Delivers what Stripe has to tell, in its order.</summary>
    public async Task DeliverAsync(CancellationToken ct)
    {
        foreach (var message in Stripe.TakeMessages()) await DeliverAsync(message, ct);
    }

    public async Task DeliverAsync(StripeMessage message, CancellationToken ct)
    {
        using var answer = await Stripe.SendAsync(Visitor, message, ct);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Somebody who has paid for Pro; returns Stripe's subscription too.</summary>
    public async Task<(Person Person, string Subscription)> PaidAsync(string name, CancellationToken ct, string interval = "month")
    {
        var person = await SignInAsync(name, ct);
        var checkout = await person.Api.Billing.SubscribeAsync(new("pro", interval), ct);
        var subscription = Stripe.Pay(checkout.CheckoutUrl!);
        await DeliverAsync(ct);
        return (person, subscription);
    }
}
