using System.CommandLine;
using System.Text.Json.Nodes;
using McpShield.Cli.Operator;
using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield admin users …</c></summary>
internal static class AdminUsersCommand
{
    public static Command Create() => new("users", "Who has an account here.")
    {
        List(),
        Standing("suspend", "Suspend a user: they cannot sign in, and the keys of their organization open nothing.", Profile.Suspended, "user.suspended"),
        Standing("activate", "Take a suspension back.", Profile.Active, "user.activated"),
    };

    private static Command List()
    {
        var (data, json) = (OperatorDatabase.DataOption(), ProjectsCommand.JsonOption("Print one JSON document a line."));
        var command = new ExampledCommand("list", "List all users, newest first, with their standing and plan.", ["mcpshield admin users list"]) { data, json };
        command.SetAction((parsed, ct) => OperatorDatabase.RunAsync(parsed.GetValue(data), async db =>
        {
            var users = await db.Users.AsNoTracking().OrderByDescending(static user => user.Id)
                .Select(user => new
                {
                    user.Id,
                    user.Email,
                    user.FirstName,
                    user.LastName,
                    Status = user.Profile == null ? null : user.Profile.Status,
                    user.IsEmailVerified,
                    Plan = db.Subscriptions.Where(one => one.UserId == user.Id && one.IsCurrent).Select(one => one.Plan!.Code).FirstOrDefault(),
                    Organization = db.Organizations.Where(one => one.OwnerUserId == user.Id).Select(one => one.Name).FirstOrDefault(),
                    user.CreatedAt,
                })
                .ToListAsync(ct);
            if (parsed.GetValue(json))
            {
                foreach (var user in users)
                {
                    await Console.Out.WriteLineAsync(JsonText.Write(writer =>
                    {
                        writer.WriteStartObject();
                        writer.WriteString("id", user.Id);
                        writer.WriteString("email", user.Email);
                        writer.WriteString("first_name", user.FirstName);
                        writer.WriteString("last_name", user.LastName);
                        writer.WriteString("status", user.Status);
                        writer.WriteBoolean("is_email_verified", user.IsEmailVerified);
                        writer.WriteString("plan", user.Plan ?? "free");
                        writer.WriteString("organization", user.Organization);
                        writer.WriteString("created_at", user.CreatedAt);
                        writer.WriteEndObject();
                    }));
                }

                return ExitCodes.Done;
            }

            ApiCommands.Show(
                ["email", "name", "status", "verified", "plan", "organization", "since (UTC)"],
                users.Select(static user => new[] { user.Email, $"{user.FirstName} {user.LastName}".Trim(), user.Status, user.IsEmailVerified ? "yes" : "no", user.Plan ?? "free", user.Organization, ApiCommands.Day(user.CreatedAt) }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Standing(string name, string description, string status, string action)
    {
        var email = new Argument<string>("EMAIL") { Description = "The user's address." };
        var data = OperatorDatabase.DataOption();
        var command = new ExampledCommand(name, description, [$"mcpshield admin users {name} ada@example.com"]) { email, data };
        command.SetAction((parsed, ct) => OperatorDatabase.RunAsync(parsed.GetValue(data), async db =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var user = await OperatorDatabase.UserAsync(db, parsed.GetRequiredValue(email), ct);
            var profile = user.Profile ?? throw new CommandException(ExitCodes.No, $"`{user.Email}` has no profile");
            if (profile.Status == Profile.Deleted) throw new CommandException(ExitCodes.No, $"`{user.Email}` is deleted, for good");
            if (profile.Status != status)
            {
                var organization = await OperatorDatabase.OrganizationAsync(db, user.Id, ct);
                db.RecordByOperator(organization.Id, action, ("user", user.Id), now, before: new JsonObject { ["status"] = profile.Status }, after: new JsonObject { ["status"] = status });
                (profile.Status, profile.UpdatedAt) = (status, now);
                await db.SaveChangesAsync(ct);
            }

            await Console.Error.WriteLineAsync($"{user.Email} is {status}.");
            return ExitCodes.Done;
        }));
        return command;
    }
}
