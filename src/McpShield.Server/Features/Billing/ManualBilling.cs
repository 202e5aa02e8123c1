using McpShield.Data.Billing;

namespace McpShield.Server.Features.Billing;

/// <summary>The operator takes the payments by hand: changes take effect at once, invoices stay open until they are marked paid.</summary>
internal sealed class ManualBilling : IBillingProvider
{
    public const string ProviderName = "manual";

    public string Name => ProviderName;

    public bool MustCheckOut(PlanChange change) => false;

    public Task<string> CheckOutAsync(Payer payer, PlanChange change, CancellationToken ct) => throw new InvalidOperationException("nothing is paid on pages of ours");

    public Task<ProviderSubscription?> ChangeAsync(PlanChange change, CancellationToken ct) => OursAsync(change.Current);

    public Task<ProviderSubscription?> CancelAsync(Subscription current, CancellationToken ct) => OursAsync(current);

    public Task<string?> ManageUrlAsync(Subscription current, CancellationToken ct) => Task.FromResult<string?>(null);

    // THREAT: the operator has turned a provider off that still charges somebody; a change in our rows alone would hide that.
    private static Task<ProviderSubscription?> OursAsync(Subscription current) => current.Provider == ProviderName
        ? Task.FromResult<ProviderSubscription?>(null)
        : throw new BillingProviderException($"subscription {current.Id:D} belongs to {current.Provider}, which is not configured");
}
