using System.Net;

namespace McpShield.Server.Tests.Billing;

public sealed class ListPlansTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Anyone_sees_the_plans_with_prices_and_limits()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.GetAsync("/billing/plans", Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var plans = (await answer.JsonAsync(Ct)).AsArray();
        Assert.Equal(["free", "pro", "enterprise"], plans.Select(static plan => (string?)plan!["code"]));
        var pro = plans[1]!;
        Assert.Equal((29m, 290m, 100_000L, 90, 30, "bill", 0.5m), (
            (decimal)pro["price_monthly"]!, (decimal)pro["price_yearly"]!, (long)pro["limits"]!["max_events"]!, (int)pro["limits"]!["audit_retention_days"]!, (int)pro["limits"]!["max_ai_generations"]!,
            (string)pro["limits"]!["past_limit"]!, (decimal)pro["limits"]!["price_per_thousand_events"]!));
        Assert.Null(pro["limits"]!["max_projects"]);
        Assert.Null(plans[2]!["price_monthly"]);
        Assert.Contains("100,000 events a month", pro["features"]!.AsArray().Select(static text => (string?)text));
    }
}
