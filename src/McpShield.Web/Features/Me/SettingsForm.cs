using System.Runtime.Serialization;

namespace McpShield.Web.Features.Me;

/// <summary>What the form of the settings sends; a box that is not checked is not sent.</summary>
internal sealed class SettingsForm
{
    [DataMember(Name = "notify_usage")] public bool NotifyUsage { get; set; }

    [DataMember(Name = "notify_security")] public bool NotifySecurity { get; set; }

    [DataMember(Name = "notify_billing")] public bool NotifyBilling { get; set; }

    [DataMember(Name = "notify_product")] public bool NotifyProduct { get; set; }

    [DataMember(Name = "time_zone")] public string? TimeZone { get; set; }

    [DataMember(Name = "theme")] public string? Theme { get; set; }

    [DataMember(Name = "default_environment")] public string? DefaultEnvironment { get; set; }

    [DataMember(Name = "default_key_days")] public string? DefaultKeyDays { get; set; }
}
