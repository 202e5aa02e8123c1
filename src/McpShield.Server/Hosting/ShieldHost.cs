using System.Net;
using McpShield.Audit;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Data.Ephemeral;
using McpShield.Data.Projects;
using McpShield.Gateway;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Upstream;
using McpShield.Server.Features.Billing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Hosting;

/// <summary>The control plane and its gateway on one address; or, without that role, the background work alone, which listens nowhere.</summary>
public sealed class ShieldHost : IAsyncDisposable
{
    private const string ApplicationName = "mcpshield";

    private readonly ServerOptions options;
    private readonly ILoggerFactory loggers;
    private readonly List<IAsyncDisposable> owned = [];
    private ShieldDatabase? database;
    private EphemeralStores? stores;
    private ProjectRegistry? registry;
    private AuditLog? audit;
    private IHost? app;

    private ShieldHost(ServerOptions options, ILoggerFactory loggers) => (this.options, this.loggers) = (options, loggers);

    /// <summary>The address that is listened on; there is one only where requests are answered.</summary>
    public Uri Url => app is WebApplication web ? new(web.Urls.First()) : throw new InvalidOperationException("this process listens nowhere");

    /// <summary>What the first start made, to be shown once; <c>null</c> at every later one.</summary>
    public FirstStartResult? First { get; private set; }

    /// <summary>What the server is made of; for tests that look at routes and guards.</summary>
    public IServiceProvider Services => app!.Services;

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
            if (app is IAsyncDisposable disposable) await disposable.DisposeAsync();
        }

        // In the reverse order of their making: the audit log, which everything writes to, last but for the databases and the lock.
        for (var i = owned.Count - 1; i >= 0; i--) await owned[i].DisposeAsync();
        owned.Clear();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        owned.Add(Lock(options.DataDirectory));
        database = options.Settings.Postgres is { } server ? ShieldDatabase.OnServer(server) : ShieldDatabase.InDirectory(options.DataDirectory);
        owned.Add(database);
        await MigrateAsync(ct);
        audit = await AuditLog.OpenAsync(
            database.Postgres is { } source ? PostgresAuditStore.Open(source) : SqliteAuditStore.Open(options.DataDirectory),
            AuditSigningKey.LoadOrCreate(Path.Combine(options.DataDirectory, "audit.key")),
            new(Environment.MachineName, Environment.ProcessId, options.Version),
            AuditLogOptions.Default,
            options.Clock,
            ct);
        owned.Add(audit);

        if (options.IsApi) await StartApiAsync(database, audit, ct);
        else await StartWorkerAsync(database, ct);
    }

    private async Task StartApiAsync(ShieldDatabase facts, AuditLog log, CancellationToken ct)
    {
        stores = await OpenStoresAsync(ct);
        owned.Add(stores);
        var services = new GatewayServices(log, options.Clock, loggers, options.Version, UpstreamLimits.Default) { Shared = new(stores.RateLimits, stores.SessionStates) };
        var listener = facts.Postgres is null ? null : new ProjectListener(facts, options.Clock, loggers.CreateLogger<ProjectListener>());
        registry = new(new ProjectSnapshots(facts), listener, options.DataDirectory, services);
        owned.Add(registry);

        // The address first, then the first key: a key that was made and never shown would be lost.
        app = BuildApi();
        await ListenAsync(app, ct);
        First = await FirstStart.EnsureAsync(facts, stores, options, ct);
        await registry.StartAsync(ct);
    }

    // The first key is shown by a copy that people reach; the plans it needs too.
    private async Task StartWorkerAsync(ShieldDatabase facts, CancellationToken ct)
    {
        await using (var db = facts.Open()) await SeededPlans.EnsureAsync(db, options.Clock.GetUtcNow(), ct);
        app = BuildWorker();
        await app.StartAsync(ct);
    }

    private IHost BuildWorker()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = ApplicationName });
        AddCommon(builder.Services);
        builder.Services.AddBackgroundWork(options);
        return builder.Build();
    }

    private WebApplication BuildApi()
    {
        // Nothing is read from the working directory or the environment that this program does not name itself.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = ApplicationName });
        builder.WebHost.UseKestrelCore().UseUrls(options.ApiUrl.GetLeftPart(UriPartial.Authority)).ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ControlPlane.MaxBodyBytes;
        });
        AddCommon(builder.Services);
        builder.Services.AddSingleton(stores!).AddSingleton(registry!);
        builder.Services.AddScoped(static services => services.GetRequiredService<ShieldDatabase>().Open());
        builder.Services.AddControlPlane(options);

        var built = builder.Build();
        var front = new HttpFront(FrontOptions(built.Lifetime.ApplicationStopping), options.Clock, loggers);
        built.Lifetime.ApplicationStopped.Register(front.Dispose);
        built.UseControlPlane(options);
        built.Map("/mcp", context => registry!.IsStale ? UnavailableAsync(context) : front.HandleAsync(context)).ForAnyone().WithMetadata(new RequestLimits.NoRequestLimit()).ExcludeFromDescription();
        return built;
    }

    private void AddCommon(IServiceCollection services)
    {
        services.AddSingleton(loggers).AddLogging();
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        services.AddSingleton(options).AddSingleton(options.Settings).AddSingleton(options.Clock).AddSingleton(database!).AddSingleton(audit!);
        services.AddSingleton<AuditReader>(_ => database!.Postgres is { } source ? PostgresAuditReader.Open(source) : SqliteAuditReader.Open(options.DataDirectory));
    }

    private HttpFrontOptions FrontOptions(CancellationToken stopping)
    {
        var hosts = new HashSet<string>(["localhost", "127.0.0.1", "[::1]"], StringComparer.OrdinalIgnoreCase);
        if (options.Settings.ApiUrl is { } outside) hosts.Add(outside.Host);
        if (!IPAddress.TryParse(options.ApiUrl.Host, out var address) || !(address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))) hosts.Add(options.ApiUrl.Host);
        return new()
        {
            Authenticate = registry!.Authenticate,
            AllowedHosts = hosts,
            AllowedOrigins = options.Settings.CorsOrigins.ToHashSet(StringComparer.Ordinal),
            Stopping = stopping,
        };
    }

    private static Task UnavailableAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Problems.Unavailable("not_ready", "Projects and keys could not be read for five seconds, so no call can be authenticated. The operator's log says why.").ExecuteAsync(context);
    }

    private async Task MigrateAsync(CancellationToken ct)
    {
        try
        {
            await database!.MigrateAsync(ct);
            if (database.Postgres is { } source) await PostgresAuditDb.MigrateAsync(source, ct);
            else await SqliteFiles.MigrateAuditAsync(options.DataDirectory, ct);
        }
        catch (Exception failure) when (options.Settings.Postgres is not null && failure is System.Data.Common.DbException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw new StartFailedException($"the PostgreSQL server of DB_HOST cannot be used: {failure.Message}; check DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD", failure);
        }
    }

    private async Task<EphemeralStores> OpenStoresAsync(CancellationToken ct)
    {
        if (options.Settings.Redis is not { } redis) return EphemeralStores.InMemory(options.Clock, options.Settings.Ephemeral);
        try
        {
            return await EphemeralStores.RedisAsync(redis, options.Clock, ct, options.Settings.Ephemeral);
        }
        catch (EphemeralUnavailableException failure)
        {
            throw new StartFailedException(failure.Message, failure);
        }
    }

    private async Task ListenAsync(IHost built, CancellationToken ct)
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
