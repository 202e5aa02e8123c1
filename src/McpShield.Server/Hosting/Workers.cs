using McpShield.Server.Background;
using McpShield.Server.Features.Billing;
using McpShield.Server.Features.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Hosting;

/// <summary>What this process does besides answering: the only list of it.</summary>
internal static class Workers
{
    public static void AddBackgroundWork(this IServiceCollection services, ServerOptions options)
    {
        services.AddMail(options);
        services.AddBilling(options);
        if (options.IsApi) services.AddHostedService<KeyUsageWriter>();
        if (!options.IsWorker) return;

        services.AddHostedService<ActionDrain>();
        services.AddHostedService<EventAuditor>();
        services.AddHostedService<UsageFollower>();
        services.AddHostedService<RetentionWorker>();
    }
}
