using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Mail;

/// <summary>Mails: written by features, sent by a worker, or shown where there is no mail server.</summary>
internal static class MailFeature
{
    public static void AddMail(this IServiceCollection services, ServerOptions options)
    {
        if (options.Settings.Smtp is not { } smtp || !options.IsWorker) return;
        services.AddSingleton<IHostedService>(provider => new MailWorker(provider.GetRequiredService<ShieldDatabase>(), smtp, options.Clock, provider.GetRequiredService<ILogger<MailWorker>>()));
    }

    public static void MapMail(this IEndpointRouteBuilder app) => DevOutbox.Map(app);
}
