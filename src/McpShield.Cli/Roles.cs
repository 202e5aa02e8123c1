namespace McpShield.Cli;

/// <summary>What a process of <c>up</c> does.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>The control plane's API and the gateway.</summary>
    Api = 1,

    /// <summary>The dashboard.</summary>
    Web = 2,

    /// <summary>Mail, retention, aggregates: one process at a time, by a lease in the database.</summary>
    Worker = 4,

    All = Api | Web | Worker,
}

/// <summary>Roles as they are written: <c>api,worker</c>.</summary>
internal static class RoleList
{
    private static readonly (string Name, Roles Role)[] Known = [("api", Roles.Api), ("web", Roles.Web), ("worker", Roles.Worker)];

    /// <summary>All of them, as they are written.</summary>
    public static string Names { get; } = NamesOf(Roles.All);

    public static string NamesOf(Roles roles) => string.Join(',', Known.Where(known => roles.HasFlag(known.Role)).Select(static known => known.Name));

    public static Roles Parse(string text)
    {
        var roles = Roles.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var role = Array.Find(Known, known => known.Name == name).Role;
            roles |= role is not Roles.None ? role : throw new CommandException(ExitCodes.Usage, $"--roles: there is no role `{name}`; there are {Names}");
        }

        return roles is not Roles.None ? roles : throw new CommandException(ExitCodes.Usage, $"--roles names none; there are {Names}");
    }
}
