using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace McpShield.Web.Hosting;

/// <summary>The site and the dashboard on one address, speaking to the API over HTTP even when both are one process.</summary>
public sealed class WebHost : IAsyncDisposable
{
    private readonly WebOptions options;
    private readonly ILoggerFactory loggers;
    private ConnectionMultiplexer? redis;
    private WebApplication? app;

    private WebHost(WebOptions options, ILoggerFactory loggers) => (this.options, this.loggers) = (options, loggers);

    /// <summary>The address that is listened on.</summary>
    public Uri Url => new(app!.Urls.First());

    /// <summary>What the site is made of; for tests.</summary>
    public IServiceProvider Services => app!.Services;

    /// <summary>Starts everything, or throws <see cref="WebStartFailedException"/> and leaves nothing running.</summary>
    public static async Task<WebHost> StartAsync(WebOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var host = new WebHost(options, loggers);
        try
        {
            if (options.Settings.Redis is { } server) host.redis = await RedisLink.OpenAsync(server, ct);
            host.app = host.Build();
            await host.ListenAsync(ct);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the program is asked to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct) => app!.WaitForShutdownAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        if (redis is not null) await redis.DisposeAsync();
    }

    private WebApplication Build()
    {
        // Nothing is read from the working directory: the files of the site lie beside the program, wherever it is started.
        var builder = WebApplication.CreateEmptyBuilder(new()
        {
            ApplicationName = options.Program,
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = "wwwroot",
            EnvironmentName = options.Settings.IsDevelopment ? Environments.Development : Environments.Production,
        });
        builder.WebHost.UseKestrelCore().UseUrls(options.WebUrl.GetLeftPart(UriPartial.Authority)).ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Site.MaxBodyBytes;
        });

        // A build that was not published keeps the files where they were made, and says where.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddSingleton(loggers).AddLogging();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddSite(options, redis);
        var built = builder.Build();
        built.UseSite(options);
        return built;
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        try
        {
            await app!.StartAsync(ct);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            throw new WebStartFailedException($"port {options.WebUrl.Port} is taken: stop the program that listens on {options.WebUrl}, or choose another address with `--web-url http://localhost:{options.WebUrl.Port + 1}`", taken);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            throw new WebStartFailedException($"cannot listen on {options.WebUrl}: {failure.Message}", failure);
        }
    }
}
