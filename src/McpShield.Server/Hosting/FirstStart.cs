using McpShield.Adapters.Sqlite;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Billing;
using McpShield.Data.Ephemeral;
using McpShield.Data.Organizations;
using McpShield.Data.Projects;
using McpShield.Policy.Language;
using McpShield.Server.Features.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Hosting;

/// <summary>What a first start made and shows once.</summary>
/// <param name="Key">The key of project <c>demo</c>; kept nowhere.</param>
/// <param name="OwnerEmail">Who owns the project.</param>
/// <param name="SignInToken">Signs the owner in, once, within an hour; kept nowhere.</param>
public sealed record FirstStartResult(string Key, string OwnerEmail, string SignInToken);

/// <summary>What an empty database gets: the plans; and where it is nobody's yet, an owner and one project with something to try.</summary>
internal static class FirstStart
{
    /// <summary>The purpose of tickets that sign somebody in once.</summary>
    public const string SignInLink = "sign-in-link";

    private const string SampleFile = "sample.db";
    private const string OwnerEmail = "owner@localhost";

    private const string DemoPolicy =
        """
        # The policy of project demo: deny by default, and read access to the sample database.
        version: 1
        name: demo
        default: deny
        rules:
          - id: read-sample
            description: SELECT statements on the sample database
            tool: sample.query
            decision: allow
          - id: sample-is-read-only
            tool: sample.*
            decision: deny
            reason: the sample database is read-only; use a SELECT
        """;

    /// <summary>Makes what is missing. <c>null</c>: somebody owns this database already, or it is a production start, whose owners register.</summary>
    public static async Task<FirstStartResult?> EnsureAsync(ShieldDatabase database, EphemeralStores stores, ServerOptions options, CancellationToken ct)
    {
        var now = options.Clock.GetUtcNow();
        await using var db = database.Open();
        await SeededPlans.EnsureAsync(db, now, ct);
        if (options.Settings.IsProduction || await db.Users.AnyAsync(ct)) return null;

        SampleDatabase.CreateIfMissing(Path.Combine(options.DataDirectory, SampleFile));
        var key = ApiKeySecret.Create();
        var owner = new User { Id = Guid.CreateVersion7(now), Email = OwnerEmail, FirstName = "Local", LastName = "Owner", IsEmailVerified = true, CreatedAt = now, UpdatedAt = now };
        owner.Profile = new() { Id = Guid.CreateVersion7(now), UserId = owner.Id, CreatedAt = now, UpdatedAt = now };
        var organization = new Organization { Id = Guid.CreateVersion7(now), Name = "My organization", OwnerUserId = owner.Id, CreatedAt = now, UpdatedAt = now };
        var project = new Project { Id = Guid.CreateVersion7(now), OrgId = organization.Id, Name = "demo", Environment = "dev", PolicyYaml = DemoPolicy + "\n", CreatedAt = now, UpdatedAt = now };
        project.Connections.Add(new() { Id = Guid.CreateVersion7(now), Name = "sample", System = "sqlite", Target = SampleFile, CreatedAt = now });
        project.Keys.Add(new() { Id = Guid.CreateVersion7(now), KeyHash = ApiKeySecret.Digest(key), KeyPrefix = ApiKeySecret.Shown(key), Name = "first key", Agent = "demo-agent", CreatedByUserId = owner.Id, CreatedAt = now });
        db.AddRange(owner, organization, new Member { OrgId = organization.Id, UserId = owner.Id, Role = Role.Owner, CreatedAt = now }, project);
        db.PolicyVersions.Add(new() { ProjectId = project.Id, Version = 1, PolicyYaml = project.PolicyYaml, PolicyHash = PolicyLoader.Load(project.PolicyYaml, ct).Policy!.Hash, AuthorName = "system", Reason = "first start", CreatedAt = now });

        // The machine is its owner's: nothing of it is limited.
        await SeededPlans.SubscribeAsync(db, owner.Id, Plan.Enterprise, now, ct);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            // Of copies that start at once one was first, and shows its key.
            return null;
        }

        return new(key, owner.Email, await stores.Tickets.IssueAsync(SignInLink, owner.Id.ToString("D"), owner.Id.ToByteArray(), TimeSpan.FromHours(1), ct));
    }
}
