using McpShield.Data.Billing;

namespace McpShield.Server.Features.Billing;

/// <summary>Takes the payments. What it is told to do it does before our rows change: when it fails, nothing has changed.</summary>
/// <remarks>A call that fails throws <see cref="BillingProviderException"/>.</remarks>
internal interface IBillingProvider
{
    string Name { get; }

    /// <summary>Whether <paramref name="change"/> begins with a payment on the provider's pages.</summary>
    bool MustCheckOut(PlanChange change);

    /// <summary>The page to pay on.</summary>
    Task<string> CheckOutAsync(Payer payer, PlanChange change, CancellationToken ct);

    /// <summary>Carries a change out; what the provider has now, or <c>null</c>: our rows are the truth.</summary>
    Task<ProviderSubscription?> ChangeAsync(PlanChange change, CancellationToken ct);

    /// <summary>Ends it with the period that is paid; what the provider has now, or <c>null</c>: our rows are the truth.</summary>
    Task<ProviderSubscription?> CancelAsync(Subscription current, CancellationToken ct);

    /// <summary>The page where payment data are managed; <c>null</c>: there is none, or not now.</summary>
    Task<string?> ManageUrlAsync(Subscription current, CancellationToken ct);
}

/// <summary>A subscription as the provider has it.</summary>
internal sealed record ProviderSubscription(string Id, string CustomerId, Guid? UserId, string PriceId, bool IsLive, bool IsBegun, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, bool EndsWithPeriod, bool HasSchedule);

/// <summary>The provider did not do it.</summary>
/// <param name="message">For the operator's log.</param>
/// <param name="isPaymentRefused">The payment was refused; everything else worked.</param>
/// <param name="inner">Why.</param>
internal sealed class BillingProviderException(string message, bool isPaymentRefused = false, Exception? inner = null) : Exception(message, inner)
{
    public bool IsPaymentRefused => isPaymentRefused;
}
