using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using McpShield.Cli.Operator;
using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield admin plans …</c> and <c>mcpshield admin plan set</c></summary>
internal static class AdminPlansCommand
{
    private const string NoLimit = "none";

    public static Command CreatePlans() => new("plans", "What one can subscribe to, and how much of everything it holds.") { List(), SetLimit() };

    public static Command CreatePlan() => new("plan", "Who is on which plan.") { Set() };

    private static Command List()
    {
        var (data, json) = (OperatorDatabase.DataOption(), ProjectsCommand.JsonOption("Print one JSON document a line."));
        var command = new ExampledCommand("list", "List all plans with their limits.", ["mcpshield admin plans list"]) { data, json };
        command.SetAction((parsed, ct) => OperatorDatabase.RunAsync(parsed.GetValue(data), async db =>
        {
            var plans = await db.Plans.AsNoTracking().OrderBy(static plan => plan.Rank).ThenBy(static plan => plan.Code).ToListAsync(ct);
            if (parsed.GetValue(json))
            {
                foreach (var plan in plans) await Console.Out.WriteLineAsync(Json(plan));
                return ExitCodes.Done;
            }

            ApiCommands.Show(
                ["code", "name", "offered", "events", "projects", "audit days", "ai", "members", "past the limit"],
                plans.Select(static plan => new[] { plan.Code, plan.Name, plan.IsActive ? "yes" : "no", Limit(plan.Limits.MaxEvents), Limit(plan.Limits.MaxProjects), Limit(plan.Limits.AuditRetentionDays), Limit(plan.Limits.MaxAiGenerations), Limit(plan.Limits.MaxMembers), plan.Limits.PastLimit.ToString().ToLowerInvariant() }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command SetLimit()
    {
        var code = new Argument<string>("PLAN") { Description = "The plan's code." };
        var name = new Argument<string>("LIMIT") { Description = "Which limit." };
        name.AcceptOnlyFromAmong("events", "projects", "audit-days", "ai", "members", "past-limit");
        var value = new Argument<string>("VALUE") { Description = $"A whole number, or {NoLimit}; for past-limit refuse, warn or bill." };
        var data = OperatorDatabase.DataOption();
        var command = new ExampledCommand("set-limit", "Change a limit of a plan, for all who are on it.", ["mcpshield admin plans set-limit free projects 3", "mcpshield admin plans set-limit pro members none"]) { code, name, value, data };
        command.SetAction((parsed, ct) => OperatorDatabase.RunAsync(parsed.GetValue(data), async db =>
        {
            var plan = await PlanAsync(db, parsed.GetRequiredValue(code), ct);
            var before = plan.Limits;
            plan.Limits = Changed(before, parsed.GetRequiredValue(name), parsed.GetRequiredValue(value));
            db.RecordByOperator(Guid.Empty, "plan.limits-changed", ("plan", plan.Id), TimeProvider.System.GetUtcNow(), before: Limits(before), after: Limits(plan.Limits));
            await db.SaveChangesAsync(ct);
            await Console.Error.WriteLineAsync($"{plan.Code}: {parsed.GetRequiredValue(name)} is {parsed.GetRequiredValue(value)}.");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Set()
    {
        var email = new Argument<string>("EMAIL") { Description = "The user's address." };
        var code = new Argument<string>("PLAN") { Description = "The plan's code." };
        var yearly = new Option<bool>("--yearly") { Description = "Renewed each year instead of each month." };
        var data = OperatorDatabase.DataOption();
        var command = new ExampledCommand("set", "Put a user's organization on a plan, from now on.", ["mcpshield admin plan set ada@example.com enterprise --yearly"]) { email, code, yearly, data };
        command.SetAction((parsed, ct) => OperatorDatabase.RunAsync(parsed.GetValue(data), async db =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var user = await OperatorDatabase.UserAsync(db, parsed.GetRequiredValue(email), ct);
            var plan = await PlanAsync(db, parsed.GetRequiredValue(code), ct);
            var organization = await OperatorDatabase.OrganizationAsync(db, user.Id, ct);

            // First the one in force ends, then the next begins: an index holds that there is never more than one.
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var before = await db.Subscriptions.Where(one => one.UserId == user.Id && one.IsCurrent).Select(static one => one.Plan!.Code).SingleOrDefaultAsync(ct);
            await db.Subscriptions.Where(one => one.UserId == user.Id && one.IsCurrent).ExecuteUpdateAsync(set => set
                .SetProperty(static one => one.IsCurrent, false).SetProperty(static one => one.Status, Subscription.Expired).SetProperty(static one => one.CurrentPeriodEnd, now), ct);
            db.Subscriptions.Add(new()
            {
                Id = Guid.CreateVersion7(now),
                UserId = user.Id,
                PlanId = plan.Id,
                Interval = parsed.GetValue(yearly) ? "year" : "month",
                CurrentPeriodStart = now,
                CurrentPeriodEnd = parsed.GetValue(yearly) ? now.AddYears(1) : now.AddMonths(1),
                CreatedAt = now,
            });

            // Whether its events are used up is for the new plan to say.
            organization.EventsRefusedUntil = null;
            organization.UpdatedAt = now;
            db.RecordByOperator(organization.Id, "subscription.set", ("user", user.Id), now, before: new JsonObject { ["plan"] = before ?? Plan.Free }, after: new JsonObject { ["plan"] = plan.Code });
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            await Console.Error.WriteLineAsync($"{user.Email} is on {plan.Name}.");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static async Task<Plan> PlanAsync(ShieldDb db, string code, CancellationToken ct) =>
        await db.Plans.SingleOrDefaultAsync(plan => plan.Code == code, ct) ?? throw new CommandException(ExitCodes.No, $"there is no plan `{code}`; `mcpshield admin plans list` shows those there are");

    private static PlanLimits Changed(PlanLimits limits, string name, string value) => name switch
    {
        "events" => limits with { MaxEvents = Number(value) },
        "projects" => limits with { MaxProjects = (int?)Number(value) },
        "audit-days" => limits with { AuditRetentionDays = (int?)Number(value) },
        "ai" => limits with { MaxAiGenerations = (int?)Number(value) },
        "members" => limits with { MaxMembers = (int?)Number(value) },
        _ => limits with
        {
            PastLimit = value switch
            {
                "refuse" => PastLimit.Refuse,
                "warn" => PastLimit.Warn,
                "bill" => PastLimit.Bill,
                _ => throw new CommandException(ExitCodes.Usage, "past-limit is refuse, warn or bill"),
            },
        },
    };

    private static long? Number(string value) => value == NoLimit
        ? null
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new CommandException(ExitCodes.Usage, $"`{value}` is no limit: a whole number is expected, or {NoLimit}");

    private static string Limit(long? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? NoLimit;

    private static JsonObject Limits(PlanLimits limits) => new()
    {
        ["max_events"] = limits.MaxEvents,
        ["max_projects"] = limits.MaxProjects,
        ["audit_retention_days"] = limits.AuditRetentionDays,
        ["max_ai_generations"] = limits.MaxAiGenerations,
        ["max_members"] = limits.MaxMembers,
        ["past_limit"] = limits.PastLimit.ToString().ToLowerInvariant(),
    };

    private static string Json(Plan plan) => new JsonObject
    {
        ["code"] = plan.Code,
        ["name"] = plan.Name,
        ["is_active"] = plan.IsActive,
        ["price_monthly"] = plan.PriceMonthly,
        ["price_yearly"] = plan.PriceYearly,
        ["limits"] = Limits(plan.Limits),
    }.ToJsonString();
}
