using System.CommandLine;
using McpShield.Cli.Api;
using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield keys …</c></summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Keys of a project: with one of them an agent comes in.") { List(), Make(), Revoke() };

    private static Command List()
    {
        var named = ProjectsCommand.ProjectArgument();
        var status = new Option<string?>("--status") { Description = "Only these." };
        status.AcceptOnlyFromAmong("live", "expired", "revoked");
        var (api, organization, json) = (ApiSession.UrlOption(), ProjectsCommand.OrganizationOption(), ProjectsCommand.JsonOption("Print one JSON document a line."));
        var command = new ExampledCommand("list", "List a project's keys, newest first. The keys themselves are stored nowhere.", ["mcpshield keys list payments --status live"]) { named, status, api, organization, json };
        command.SetAction((parsed, ct) => ApiCommands.RunAsync(parsed.GetValue(api), async client =>
        {
            var project = await ApiCommands.ProjectAsync(client, parsed.GetRequiredValue(named), parsed.GetValue(organization), ct);
            var keys = await ApiCommands.AllAsync((cursor, limit) => client.Keys.ListAsync(project.Id, ct, parsed.GetValue(status), cursor, limit));
            if (parsed.GetValue(json))
            {
                foreach (var key in keys) await ApiCommands.PrintAsync(key, KeysJson.Default.KeyResponse);
            }
            else if (keys.Count == 0)
            {
                await Console.Error.WriteLineAsync("No keys.");
            }
            else
            {
                ApiCommands.Show(
                    ["prefix", "name", "agent", "roles", "scopes", "status", "ends (UTC)", "last used (UTC)", "id"],
                    keys.Select(static key => new[] { key.Prefix, key.Name, key.Agent, string.Join(' ', key.Roles), string.Join(' ', key.Scopes), key.Status, ApiCommands.Day(key.ExpiresAt), ApiCommands.Day(key.LastUsedAt), $"{key.Id:D}" }));
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Make()
    {
        var named = ProjectsCommand.ProjectArgument();
        var name = new Option<string?>("--name") { Description = "What people call it." };
        var agent = new Option<string?>("--agent") { Description = "The agent that will use it, as policies name it. Default: made of the name." };
        var roles = new Option<string[]>("--role") { Description = "A role of the principal, for policies; more than once for several." };
        var scopes = new Option<string[]>("--scope") { Description = "A scope of the principal, for policies; more than once for several." };
        var days = new Option<int?>("--expires-in-days") { Description = "0: never. Default: as your settings say." };
        var (api, organization, json) = (ApiSession.UrlOption(), ProjectsCommand.OrganizationOption(), ProjectsCommand.JsonOption("Print one JSON document, with ready client entries."));
        var command = new ExampledCommand("create", "Make a key and print it: this once, it is stored nowhere.", ["mcpshield keys create payments --name support-bot --role support --expires-in-days 90"])
        {
            named, name, agent, roles, scopes, days, api, organization, json,
        };
        command.SetAction((parsed, ct) => ApiCommands.RunAsync(parsed.GetValue(api), async client =>
        {
            var project = await ApiCommands.ProjectAsync(client, parsed.GetRequiredValue(named), parsed.GetValue(organization), ct);
            var key = await client.Keys.CreateAsync(project.Id, new(parsed.GetValue(name), parsed.GetValue(agent), parsed.GetValue(roles), parsed.GetValue(scopes), ExpiresAt: null, parsed.GetValue(days)), ct);
            if (parsed.GetValue(json))
            {
                await ApiCommands.PrintAsync(key, KeysJson.Default.CreatedKeyResponse);
                return ExitCodes.Done;
            }

            await Console.Out.WriteLineAsync(key.Key);
            await Console.Error.WriteLineAsync($"The key of agent {key.Agent}; keep it, it is shown this once. For Claude Code:\n  {key.ClientEntry.ClaudeCode.Replace(key.Key, "$MCPSHIELD_KEY", StringComparison.Ordinal)}");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Revoke()
    {
        var named = ProjectsCommand.ProjectArgument();
        var which = new Argument<string>("KEY") { Description = "Its id, or its prefix." };
        var (api, organization) = (ApiSession.UrlOption(), ProjectsCommand.OrganizationOption());
        var command = new ExampledCommand("revoke", "Revoke a key, for good: it opens nothing any more, everywhere within a second.", ["mcpshield keys revoke payments mcps_AbCdEfG"]) { named, which, api, organization };
        command.SetAction((parsed, ct) => ApiCommands.RunAsync(parsed.GetValue(api), async client =>
        {
            var project = await ApiCommands.ProjectAsync(client, parsed.GetRequiredValue(named), parsed.GetValue(organization), ct);
            var key = await KeyAsync(client, project.Id, parsed.GetRequiredValue(which), ct);
            await client.Keys.RevokeAsync(project.Id, key, ct);
            await Console.Error.WriteLineAsync("It is revoked.");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static async Task<Guid> KeyAsync(ShieldClient client, Guid project, string which, CancellationToken ct)
    {
        if (Guid.TryParse(which, out var id)) return id;

        // Somebody may have the whole key at hand: its beginning is enough to know it by.
        var keys = (await ApiCommands.AllAsync((cursor, limit) => client.Keys.ListAsync(project, ct, status: null, cursor, limit))).Where(key => which.StartsWith(key.Prefix, StringComparison.Ordinal)).ToList();
        return keys switch
        {
            [var one] => one.Id,
            [] => throw new CommandException(ExitCodes.No, "this project has no key that begins so; `mcpshield keys list` shows those it has"),
            _ => throw new CommandException(ExitCodes.Usage, "several keys begin so; name it by its id"),
        };
    }
}
