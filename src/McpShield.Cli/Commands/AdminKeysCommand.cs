using System.CommandLine;
using System.Text.Json.Nodes;
using McpShield.Cli.Operator;
using McpShield.Data.Projects;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield admin keys …</c></summary>
internal static class AdminKeysCommand
{
    private const string Demo = "demo";
    private const string DemoAgent = "demo-agent";

    public static Command Create() => new("keys", "Keys that only the operator can replace.") { RotateDemo() };

    private static Command RotateDemo()
    {
        var data = OperatorDatabase.DataOption();
        var command = new ExampledCommand("rotate-demo", "Make and print a new key of project demo, when the one that the first start showed was lost. The old one is revoked.", ["mcpshield admin keys rotate-demo"]) { data };
        command.SetAction((parsed, ct) => OperatorDatabase.RunAsync(parsed.GetValue(data), async db =>
        {
            // The first start's project is the oldest of that name.
            var project = await db.Projects.Include(static project => project.Keys.Where(static key => key.RevokedAt == null && key.Agent == DemoAgent))
                .Where(static project => project.Name == Demo).OrderBy(static project => project.Id).FirstOrDefaultAsync(ct)
                ?? throw new CommandException(ExitCodes.No, "there is no project demo; only a first start in development makes it");

            var now = TimeProvider.System.GetUtcNow();
            foreach (var old in project.Keys)
            {
                old.RevokedAt = now;
                db.RecordByOperator(project.OrgId, "key.revoked", ("key", old.Id), now, project.Id, before: new JsonObject { ["prefix"] = old.KeyPrefix });
            }

            var secret = ApiKeySecret.Create();
            var key = new ApiKey { Id = Guid.CreateVersion7(now), ProjectId = project.Id, KeyHash = ApiKeySecret.Digest(secret), KeyPrefix = ApiKeySecret.Shown(secret), Name = "demo key", Agent = DemoAgent, CreatedAt = now };
            db.ApiKeys.Add(key);
            db.RecordByOperator(project.OrgId, "key.created", ("key", key.Id), now, project.Id, after: new JsonObject { ["prefix"] = key.KeyPrefix, ["agent"] = key.Agent });
            await db.SaveChangesAsync(ct);
            await Console.Out.WriteLineAsync(secret);
            await Console.Error.WriteLineAsync("The new key of project demo; keep it, it is stored nowhere. The old one opens nothing any more.");
            return ExitCodes.Done;
        }));
        return command;
    }
}
