using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Work;

/// <summary>Who does a piece of background work: one holder at a time, for a while.</summary>
public sealed class Lease
{
    public required string Name { get; set; }

    public Guid Holder { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
}

internal sealed class LeaseConfiguration : IEntityTypeConfiguration<Lease>
{
    public void Configure(EntityTypeBuilder<Lease> lease)
    {
        lease.ToTable("leases").HasKey(static row => row.Name);
        lease.Property(static row => row.Name).HasMaxLength(64);
    }
}

/// <summary>Takes and keeps leases. A holder that dies loses its lease when it runs out.</summary>
public static class Leases
{
    /// <summary>Whether <paramref name="holder"/> has the lease now, for <paramref name="duration"/> from <paramref name="now"/>.</summary>
    public static async Task<bool> TryHoldAsync(ShieldDb db, string name, Guid holder, DateTimeOffset now, TimeSpan duration, CancellationToken ct)
    {
        var until = now + duration;
        var taken = await db.Leases.Where(lease => lease.Name == name && (lease.Holder == holder || lease.ExpiresAt <= now))
            .ExecuteUpdateAsync(set => set.SetProperty(static lease => lease.Holder, holder).SetProperty(static lease => lease.ExpiresAt, until), ct);
        if (taken == 1) return true;
        if (await db.Leases.AnyAsync(lease => lease.Name == name, ct)) return false;

        try
        {
            db.Leases.Add(new() { Name = name, Holder = holder, ExpiresAt = until });
            await db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    /// <summary>Gives a lease back, so that the next holder need not wait for its end.</summary>
    public static Task ReleaseAsync(ShieldDb db, string name, Guid holder, CancellationToken ct) =>
        db.Leases.Where(lease => lease.Name == name && lease.Holder == holder).ExecuteDeleteAsync(ct);
}
