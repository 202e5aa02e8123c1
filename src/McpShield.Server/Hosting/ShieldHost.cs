using System.Net;
using McpShield.Audit;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Data.Projects;
using McpShield.Gateway;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Upstream;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Hosting;

/// <summary>The control plane and its gateway on one address, with embedded databases.</summary>
public sealed class ShieldHost : IAsyncDisposable
{
    private readonly ServerOptions options;
    private readonly ILoggerFactory loggers;
    private readonly List<IAsyncDisposable> owned = [];
    private ProjectRegistry? registry;
    private AuditLog? audit;
    private WebApplication? app;

    private ShieldHost(ServerOptions options, ILoggerFactory loggers) => (this.options, this.loggers) = (options, loggers);

    /// <summary>The address that is listened on.</summary>
    public Uri Url => new(app!.Urls.First());

    /// <summary>The key of the project made at the first start; <c>null</c> at every later one.</summary>
    public string? FirstKey { get; private set; }

    /// <summary>Starts everything, or throws <see cref="StartFailedException"/> and leaves nothing running.</summary>
    public static async Task<ShieldHost> StartAsync(ServerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var host = new ShieldHost(options, loggers);
        try
        {
            await host.StartAsync(ct);
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

        // In the reverse order of their making: the audit log, which everything writes to, last but for the lock.
        for (var i = owned.Count - 1; i >= 0; i--) await owned[i].DisposeAsync();
        owned.Clear();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        owned.Add(Lock(options.DataDirectory));
        await SqliteFiles.MigrateAsync(options.DataDirectory, ct);

        audit = await AuditLog.OpenAsync(
            SqliteAuditStore.Open(options.DataDirectory),
            AuditSigningKey.LoadOrCreate(Path.Combine(options.DataDirectory, "audit.key")),
            new(Environment.MachineName, Environment.ProcessId, options.Version),
            AuditLogOptions.Default,
            options.Clock,
            ct);
        owned.Add(audit);

        var services = new GatewayServices(audit, options.Clock, loggers, options.Version, UpstreamLimits.Default);
        registry = new(new ProjectSnapshots(options.DataDirectory), options.DataDirectory, services);
        owned.Add(registry);

        // The address first, then the first key: a key that was made and never shown would be lost.
        app = Build();
        await ListenAsync(app, ct);
        FirstKey = await FirstStart.EnsureAsync(options.DataDirectory, options.Clock, ct);
        await registry.StartAsync(ct);
    }

    private WebApplication Build()
    {
        // Nothing is read from the working directory or the environment that this program does not name itself.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "mcpshield" });
        builder.WebHost.UseKestrelCore().UseUrls(options.ApiUrl.GetLeftPart(UriPartial.Authority)).ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton(loggers).AddLogging().AddRoutingCore();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        var built = builder.Build();
        var front = new HttpFront(FrontOptions(built.Lifetime.ApplicationStopping), options.Clock, loggers);
        built.Lifetime.ApplicationStopped.Register(front.Dispose);

        built.Use(static (context, next) =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        built.UseRouting();
        built.MapGet("/", () => Results.Json(new ServiceInfo("mcpshield", options.Version, "/mcp", "/health"), ContractsJson.Default.ServiceInfo));
        built.MapGet("/health", Health);
        built.MapGet("/health/ready", Health);
        built.MapGet("/health/live", () => Results.Json(new HealthReport("ok", options.Version, new Dictionary<string, string>()), ContractsJson.Default.HealthReport));
        built.Map("/mcp", context => registry!.IsStale ? UnavailableAsync(context) : front.HandleAsync(context));
        return built;
    }

    private HttpFrontOptions FrontOptions(CancellationToken stopping)
    {
        var hosts = new HashSet<string>(["localhost", "127.0.0.1", "[::1]", .. options.ExtraHosts], StringComparer.OrdinalIgnoreCase);
        if (!IPAddress.TryParse(options.ApiUrl.Host, out var address) || !(address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))) hosts.Add(options.ApiUrl.Host);
        return new()
        {
            Authenticate = registry!.Authenticate,
            AllowedHosts = hosts,
            AllowedOrigins = options.AllowedOrigins.ToHashSet(StringComparer.Ordinal),
            Stopping = stopping,
        };
    }

    private IResult Health()
    {
        var checks = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["audit"] = audit!.IsWritable ? "ok" : "the audit log cannot be written; every call is refused",
            ["projects"] = registry!.IsStale ? "projects and keys could not be read for five seconds; every call is refused" : "ok",
        };
        var works = checks.Values.All(static check => check == "ok");
        return Results.Json(new HealthReport(works ? "ok" : "failing", options.Version, checks), ContractsJson.Default.HealthReport, statusCode: works ? 200 : 503);
    }

    private static Task UnavailableAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Results.Problem("Projects and keys could not be read for five seconds, so no call can be authenticated. The operator's log says why.", statusCode: 503, extensions: new Dictionary<string, object?> { ["code"] = "not_ready" }).ExecuteAsync(context);
    }

    private async Task ListenAsync(WebApplication built, CancellationToken ct)
    {
        try
        {
            await built.StartAsync(ct);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            throw new StartFailedException($"port {options.ApiUrl.Port} is taken: stop the program that listens on {options.ApiUrl}, or choose another address with `--api-url http://localhost:{options.ApiUrl.Port + 1}`", taken);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            throw new StartFailedException($"cannot listen on {options.ApiUrl}: {failure.Message}", failure);
        }
    }

    private static FileStream Lock(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return PrivateFile.Create(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileShare.None);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new StartFailedException($"cannot write in `{directory}`: {failure.Message}; choose another directory with `--data`", failure);
        }
        catch (IOException failure)
        {
            throw new StartFailedException($"the data directory `{directory}` is in use by another MCPShield, or cannot be made: {failure.Message}", failure);
        }
    }
}
