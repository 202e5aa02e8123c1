using McpShield.Data.Accounts;
using McpShield.Data.Billing;
using McpShield.Data.Organizations;
using McpShield.Data.Outbox;
using McpShield.Data.Projects;
using McpShield.Data.Usage;
using McpShield.Data.Work;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace McpShield.Data;

/// <summary>The control plane's database: everything it remembers but the audit log and what may be lost.</summary>
public abstract class ShieldDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<User> Users => Set<User>();

    public DbSet<Profile> Profiles => Set<Profile>();

    public DbSet<UserSettings> UserSettings => Set<UserSettings>();

    public DbSet<Organization> Organizations => Set<Organization>();

    public DbSet<Member> Members => Set<Member>();

    public DbSet<Invitation> Invitations => Set<Invitation>();

    public DbSet<Project> Projects => Set<Project>();

    public DbSet<PolicyVersion> PolicyVersions => Set<PolicyVersion>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Connection> Connections => Set<Connection>();

    public DbSet<ChangeCounter> ChangeCounters => Set<ChangeCounter>();

    public DbSet<ProjectChange> ProjectChanges => Set<ProjectChange>();

    public DbSet<Plan> Plans => Set<Plan>();

    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    public DbSet<Invoice> Invoices => Set<Invoice>();

    public DbSet<InvoiceSeries> InvoiceSeries => Set<InvoiceSeries>();

    public DbSet<BillingEvent> BillingEvents => Set<BillingEvent>();

    public DbSet<UsageEvent> UsageEvents => Set<UsageEvent>();

    public DbSet<UsageMonthly> UsageMonthly => Set<UsageMonthly>();

    public DbSet<UsageDaily> UsageDaily => Set<UsageDaily>();

    public DbSet<AiGeneration> AiGenerations => Set<AiGeneration>();

    public DbSet<UsageCursor> UsageCursors => Set<UsageCursor>();

    public DbSet<ActionEntry> ActionOutbox => Set<ActionEntry>();

    public DbSet<MailEntry> MailOutbox => Set<MailEntry>();

    public DbSet<Lease> Leases => Set<Lease>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.ApplyConfigurationsFromAssembly(typeof(ShieldDb).Assembly);
}

/// <summary>On a SQLite file.</summary>
public sealed class SqliteShieldDb(DbContextOptions<SqliteShieldDb> options) : ShieldDb(options)
{
    // SQLite cannot order or compare DateTimeOffset: a moment is kept as UTC ticks.
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(static time => time.UtcTicks, static ticks => new(ticks, TimeSpan.Zero));
}

/// <summary>On a PostgreSQL server.</summary>
public sealed class PostgresShieldDb(DbContextOptions<PostgresShieldDb> options) : ShieldDb(options)
{
    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Plan>().Property(static row => row.Limits).HasColumnType("jsonb");
        modelBuilder.Entity<Invoice>().Property(static row => row.Lines).HasColumnType("jsonb");

        // THREAT: jsonb refuses some valid JSON (a NUL in a string, a number beyond numeric), and one such event would refuse its whole batch.
        modelBuilder.Entity<UsageEvent>().Property(static row => row.Metadata).HasColumnType("json");
    }
}
