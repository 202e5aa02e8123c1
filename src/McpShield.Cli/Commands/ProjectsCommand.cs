using System.CommandLine;
using McpShield.Cli.Api;
using McpShield.Contracts;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield projects …</c></summary>
internal static class ProjectsCommand
{
    public static Command Create() => new("projects", "Projects of the control plane: what keys and policies belong to.") { List(), Make(), Show(), Delete() };

    private static Command List()
    {
        var (api, organization, json) = (ApiSession.UrlOption(), OrganizationOption(), JsonOption("Print one JSON document a line."));
        var command = new ExampledCommand("list", "List the projects of an organization, newest first.", ["mcpshield projects list", "mcpshield projects list --json"]) { api, organization, json };
        command.SetAction((parsed, ct) => ApiCommands.RunAsync(parsed.GetValue(api), async client =>
        {
            var projects = await ApiCommands.AllAsync((cursor, limit) => client.Projects.ListAsync(ct, cursor, limit, parsed.GetValue(organization)));
            if (parsed.GetValue(json))
            {
                foreach (var project in projects) await ApiCommands.PrintAsync(project, ProjectsJson.Default.ProjectResponse);
            }
            else if (projects.Count == 0)
            {
                await Console.Error.WriteLineAsync("No projects yet: mcpshield projects create NAME");
            }
            else
            {
                ApiCommands.Show(["name", "environment", "policy", "live keys", "id"], projects.Select(static project => new string?[] { project.Name, project.Environment, $"v{project.PolicyVersion}", $"{project.LiveKeys}", $"{project.Id:D}" }));
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Make()
    {
        var name = new Argument<string>("NAME") { Description = "Unique in the organization." };
        var environment = new Option<string?>("--environment") { Description = "Default: as your settings say, at first dev." };
        environment.AcceptOnlyFromAmong("dev", "staging", "prod");
        var policy = new Option<string?>("--policy") { Description = "Its first policy, a file. Default: one that denies everything." };
        var (api, organization, json) = (ApiSession.UrlOption(), OrganizationOption(), JsonOption("Print one JSON document."));
        var command = new ExampledCommand("create", "Make a project.", ["mcpshield projects create payments --environment prod", "mcpshield projects create docs --policy policy.yaml"]) { name, environment, policy, api, organization, json };
        command.SetAction((parsed, ct) => ApiCommands.RunAsync(parsed.GetValue(api), async client =>
        {
            var yaml = parsed.GetValue(policy) is { } file ? PolicyFiles.Read(file) : null;
            var project = await client.Projects.CreateAsync(new(parsed.GetRequiredValue(name), parsed.GetValue(environment), yaml), ct, parsed.GetValue(organization));
            if (parsed.GetValue(json)) await ApiCommands.PrintAsync(project, ProjectsJson.Default.ProjectResponse);
            else await Console.Out.WriteLineAsync($"{project.Id:D}");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Show()
    {
        var named = ProjectArgument();
        var (api, organization, json) = (ApiSession.UrlOption(), OrganizationOption(), JsonOption("Print one JSON document."));
        var command = new ExampledCommand("show", "Show a project and its policy.", ["mcpshield projects show payments"]) { named, api, organization, json };
        command.SetAction((parsed, ct) => ApiCommands.RunAsync(parsed.GetValue(api), async client =>
        {
            var project = await ApiCommands.ProjectAsync(client, parsed.GetRequiredValue(named), parsed.GetValue(organization), ct);
            if (parsed.GetValue(json))
            {
                await ApiCommands.PrintAsync(project, ProjectsJson.Default.ProjectResponse);
                return ExitCodes.Done;
            }

            ApiCommands.Show(["name", "environment", "policy", "live keys", "made (UTC)", "id"], [[project.Name, project.Environment, $"v{project.PolicyVersion}", $"{project.LiveKeys}", ApiCommands.Day(project.CreatedAt), $"{project.Id:D}"]]);
            await Console.Out.WriteLineAsync(project.PolicyYaml.TrimEnd());
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Delete()
    {
        var named = ProjectArgument();
        var yes = new Option<bool>("--yes") { Description = "Really: its keys, connections and audits go with it." };
        var (api, organization) = (ApiSession.UrlOption(), OrganizationOption());
        var command = new ExampledCommand("delete", "Delete a project with its keys, connections and audits.", ["mcpshield projects delete payments --yes"]) { named, yes, api, organization };
        command.SetAction((parsed, ct) => ApiCommands.RunAsync(parsed.GetValue(api), async client =>
        {
            if (!parsed.GetValue(yes)) throw new CommandException(ExitCodes.Usage, "a project goes with its keys, connections and audits, for good; say --yes");
            var project = await ApiCommands.ProjectAsync(client, parsed.GetRequiredValue(named), parsed.GetValue(organization), ct);
            await client.Projects.DeleteAsync(project.Id, ct);
            await Console.Error.WriteLineAsync($"{project.Name} is deleted.");
            return ExitCodes.Done;
        }));
        return command;
    }

    internal static Argument<string> ProjectArgument() => new("PROJECT") { Description = "Its name, or its id." };

    internal static Option<Guid?> OrganizationOption() => new("--organization") { Description = "The id of an organization that you are a member of. Default: your own." };

    internal static Option<bool> JsonOption(string description) => new("--json") { Description = description };
}
