namespace McpShield.Server.Hosting;

/// <summary>The people and things that the examples of the API's description tell of, the same in all of them.</summary>
internal static class Sample
{
    public const string Email = "ada@example.com";
    public const string Name = "Ada Lovelace";
    public const string OtherEmail = "grace@example.com";
    public const string OtherName = "Grace Hopper";
    public const string Tool = "fs.read_text_file";
    public const string Rule = "read-docs";
    public const string PolicyHash = "9f1c3a5be2d7406c8a1f5e9b3d7c2a60f4e8b1d5c9a3e7f2b6d0c4a8e1f5b9d3";

    /// <summary>A policy that allows one thing.</summary>
    public const string Policy =
        """
        version: 1
        name: docs
        default: deny
        rules:
          - id: read-docs
            tool: [fs.read_text_file, fs.list_directory]
            decision: allow
            conditions:
              path_prefix: /data/docs

        """;

    public static Guid User { get; } = Guid.Parse("0199f5a0-0001-7000-8000-000000000001");

    public static Guid Colleague { get; } = Guid.Parse("0199f5a0-0001-7000-8000-000000000002");

    public static Guid Organization { get; } = Guid.Parse("0199f5a0-0002-7000-8000-000000000001");

    public static Guid Project { get; } = Guid.Parse("0199f5a0-0003-7000-8000-000000000001");

    public static Guid Key { get; } = Guid.Parse("0199f5a0-0004-7000-8000-000000000001");

    public static Guid Decision { get; } = Guid.Parse("0199f5a0-0005-7000-8000-000000000001");

    public static Guid Session { get; } = Guid.Parse("0199f5a0-0006-7000-8000-000000000001");

    public static Guid Invitation { get; } = Guid.Parse("0199f5a0-0007-7000-8000-000000000001");

    public static Guid Invoice { get; } = Guid.Parse("0199f5a0-0008-7000-8000-000000000001");

    public static Guid Subscription { get; } = Guid.Parse("0199f5a0-0009-7000-8000-000000000001");

    public static Guid Stream { get; } = Guid.Parse("0199f5a0-000a-7000-8000-000000000001");

    /// <summary>When something was made.</summary>
    public static DateTimeOffset Then { get; } = new(2026, 11, 2, 8, 15, 0, TimeSpan.Zero);

    /// <summary>When something happened.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 11, 25, 9, 30, 12, 345, TimeSpan.Zero);
}
