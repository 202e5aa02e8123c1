using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Accounts;

/// <summary>How a person wants things: which mails they get, and what the dashboard and the API assume for them.</summary>
public sealed class UserSettings
{
    public Guid UserId { get; set; }

    public bool NotifyUsage { get; set; } = true;

    public bool NotifySecurity { get; set; } = true;

    public bool NotifyBilling { get; set; } = true;

    public bool NotifyProduct { get; set; }

    /// <summary>IANA name.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary><c>system</c>, <c>light</c> or <c>dark</c>.</summary>
    public string Theme { get; set; } = "system";

    /// <summary>The environment of a new project unless another is named.</summary>
    public string DefaultEnvironment { get; set; } = "dev";

    /// <summary>How many days a new key is valid unless another expiry is named; <c>null</c>: it does not expire.</summary>
    public int? DefaultKeyDays { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class UserSettingsConfiguration : IEntityTypeConfiguration<UserSettings>
{
    public void Configure(EntityTypeBuilder<UserSettings> settings)
    {
        settings.ToTable("user_settings").HasKey(static row => row.UserId);
        settings.Property(static row => row.UserId).ValueGeneratedNever();
        settings.HasOne<User>().WithOne().HasForeignKey<UserSettings>(static row => row.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
