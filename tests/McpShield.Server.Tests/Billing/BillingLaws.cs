using CsCheck;
using McpShield.Data.Billing;
using McpShield.Server.Features.Billing;

namespace McpShield.Server.Tests.Billing;

public sealed class BillingLaws
{
    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Gen<DateTimeOffset> Moment = Gen.Long[0, 20L * 365 * 86_400].Select(static seconds => Epoch.AddSeconds(seconds));
    private static readonly Gen<decimal> Paid = Gen.Long[0, 10_000_000].Select(static cents => cents / 100m);
    private static readonly Gen<string> Interval = Gen.Bool.Select(static isYear => isYear ? "year" : "month");

    [Fact]
    public void What_is_left_and_what_is_used_are_what_was_paid_and_never_less_than_nothing() =>
        Gen.Select(Paid, Moment, Gen.Long[1, 400L * 86_400], Gen.Long[-86_400, 401L * 86_400]).Sample(static (paid, start, length, at) =>
        {
            var (end, now) = (start.AddSeconds(length), start.AddSeconds(at));
            var (unused, used) = (Money.Unused(paid, start, end, now), Money.Used(paid, start, end, now));
            return unused + used == paid && unused >= 0 && used >= 0 && unused == decimal.Round(unused, 2);
        });

    [Fact]
    public void Less_is_left_the_later_it_is() =>
        Gen.Select(Paid, Moment, Gen.Long[1, 400L * 86_400], Gen.Long[0, 400L * 86_400], Gen.Long[0, 86_400]).Sample(static (paid, start, length, at, more) =>
            Money.Unused(paid, start, start.AddSeconds(length), start.AddSeconds(at)) >= Money.Unused(paid, start, start.AddSeconds(length), start.AddSeconds(at + more)));

    [Fact]
    public void All_is_left_at_the_start_and_nothing_at_the_end() =>
        Gen.Select(Paid, Moment, Gen.Long[1, 400L * 86_400]).Sample(static (paid, start, length) =>
            Money.Unused(paid, start, start.AddSeconds(length), start) == paid && Money.Unused(paid, start, start.AddSeconds(length), start.AddSeconds(length)) == 0);

    [Fact]
    public void Each_period_ends_on_the_day_of_its_anchor_or_on_the_last_of_a_shorter_month() =>
        Gen.Select(Moment, Interval, Gen.Int[1, 60]).Sample(static (anchor, interval, periods) =>
        {
            var start = anchor;
            for (var i = 1; i <= periods; i++)
            {
                var end = Periods.End(anchor, start, interval);
                if (end != anchor.AddMonths(i * (interval == "year" ? 12 : 1)) || end <= start) return false;
                start = end;
            }

            return true;
        });

    [Fact]
    public void Periods_that_follow_each_other_bill_each_calendar_month_once() =>
        Gen.Select(Moment, Interval, Gen.Int[1, 40]).Sample(static (anchor, interval, periods) =>
        {
            var (start, months) = (anchor, new List<DateOnly>());
            for (var i = 0; i < periods; i++)
            {
                var end = Periods.End(anchor, start, interval);
                months.AddRange(Periods.MonthsEndedIn(start, end));
                start = end;
            }

            return months.SequenceEqual(Periods.MonthsEndedIn(anchor, start)) && months.Distinct().Count() == months.Count;
        });

    [Theory]
    [InlineData("2026-01-31", "month", "2026-02-28", "2026-03-31", "2026-04-30")]
    [InlineData("2024-01-31", "month", "2024-02-29", "2024-03-31", "2024-04-30")]
    [InlineData("2024-02-29", "year", "2025-02-28", "2026-02-28", "2027-02-28")]
    [InlineData("2026-11-15", "month", "2026-12-15", "2027-01-15", "2027-02-15")]
    public void The_end_of_a_month_is_not_lost(string anchor, string interval, params string[] ends)
    {
        var (first, start) = (Day(anchor), Day(anchor));
        foreach (var end in ends)
        {
            Assert.Equal(Day(end), Periods.End(first, start, interval));
            start = Day(end);
        }
    }

    [Theory]
    [InlineData(99_999, 0)]
    [InlineData(100_000, 0)]
    [InlineData(100_001, 1)]
    [InlineData(101_000, 1)]
    [InlineData(101_001, 2)]
    public void Each_begun_thousand_beyond_the_limit_counts(long events, long thousands) =>
        Assert.Equal(thousands, Overage.Thousands(new(MaxEvents: 100_000, null, null, null, PastLimit: PastLimit.Bill, PricePerThousandEvents: 0.5m), events));

    [Theory]
    [InlineData(0.005, 0.01)]
    [InlineData(-0.005, -0.01)]
    [InlineData(0.0149, 0.01)]
    public void Half_a_cent_is_rounded_away_from_zero(decimal amount, decimal cents) => Assert.Equal(cents, Money.Cents(amount));

    private static DateTimeOffset Day(string text) => new(DateOnly.Parse(text, System.Globalization.CultureInfo.InvariantCulture), TimeOnly.MinValue, TimeSpan.Zero);
}
