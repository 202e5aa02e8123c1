using McpShield.Data.Organizations;
using McpShield.Server.Hosting;
using McpShield.Testing;

namespace McpShield.Server.Tests.OnceOnly;

/// <summary>Which role may do what, on one page.</summary>
public sealed class PermissionTableTests
{
    private static readonly Role[] Roles = Enum.GetValues<Role>();

    [Fact]
    public void Every_role_and_what_it_may_is_reviewed() => Approved.Matches(
        string.Join('\n', Enum.GetValues<Permission>()
            .Select(static permission => $"{permission,-22} {string.Join(' ', Roles.Select(role => (role.May(permission) ? role.ToString().ToLowerInvariant() : "-").PadRight(10)))}".TrimEnd())),
        "tests/McpShield.Server.Tests/OnceOnly/permissions.approved.txt");

    [Fact]
    public void A_role_that_nobody_knows_may_nothing() => Assert.All(Enum.GetValues<Permission>(), static permission => Assert.False(((Role)99).May(permission)));
}
