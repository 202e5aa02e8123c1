using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Billing;

/// <summary>Plans, subscriptions, invoices. The payer of an organization is its owner.</summary>
internal static partial class BillingFeature
{
    public static void AddBilling(this IServiceCollection services, ServerOptions options)
    {
        if (options.Settings.Stripe is { } stripe)
        {
            services.AddSingleton(provider => new StripeBilling(stripe, options.Settings.WebUrl, options.Clock, provider.GetRequiredService<ILogger<StripeBilling>>()));
            services.AddSingleton<IBillingProvider>(static provider => provider.GetRequiredService<StripeBilling>());
        }
        else
        {
            services.AddSingleton<IBillingProvider, ManualBilling>();
        }

        if (options.IsWorker) services.AddHostedService<BillingWorker>();
    }

    public static void MapBilling(this IEndpointRouteBuilder app)
    {
        var billing = app.MapGroup("/billing").WithTags("Billing");
        ListPlans.Map(billing);
        GetSubscription.Map(billing);
        PreviewPlan.Map(billing);
        Subscribe.Map(billing);
        CancelSubscription.Map(billing);
        ListInvoices.Map(billing);
        GetInvoice.Map(billing);
        GetInvoicePage.Map(billing);
        ReceiveStripe.Map(billing);
    }

    /// <summary>The answer to a provider that did not do it.</summary>
    public static ProblemHttpResult Refusal(BillingProviderException failure, ILogger logger)
    {
        Log.Failed(logger, failure);
        return failure.IsPaymentRefused
            ? Problems.Of(402, "billing.payment-refused", "The payment was refused, and nothing was changed. Check the payment data and try again.")
            : Problems.Unavailable("billing.provider-unavailable", "The payment provider cannot be reached or did not do it; nothing was changed. Try again shortly.");
    }

    private static partial class Log
    {
        [LoggerMessage(470, LogLevel.Error, "The payment provider did not do what it was asked")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
