using McpShield.Server.Background;
using McpShield.Server.Features.Events;
using McpShield.Server.Features.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Hosting;

/// <summary>What this process does besides answering: the only list of it.</summary>
internal static class Workers
{
    public static void AddWorkers(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<EventWriter>();
        services.AddSingleton<PlanCache>();
        if (options.IsApi) services.AddHostedService<KeyUsageWriter>();
        if (!options.IsWorker) return;

        services.AddHostedService<ActionDrain>();
        services.AddHostedService<EventAuditor>();
        services.AddHostedService<UsageFollower>();
        services.AddHostedService<RetentionWorker>();
    }
}
