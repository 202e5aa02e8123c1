using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using McpShield.Data.Projects;
using McpShield.Gateway;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Hosting;

/// <summary>Which keys open which project, in memory: one immutable table, swapped whole. No request waits for a database.</summary>
internal sealed partial class ProjectRegistry(ProjectSnapshots snapshots, ProjectListener? listener, string dataDirectory, GatewayServices services) : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);

    // What stands in for a policy that cannot be read: nothing is allowed.
    private static readonly CompiledPolicy DenyEverything = PolicyLoader.Load("version: 1\ndefault: deny\nrules: []\n").Policy!;

    private readonly Dictionary<Guid, Running> running = [];
    private readonly ILogger logger = services.Loggers.CreateLogger<ProjectRegistry>();
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim refreshing = new(1, 1);

    // Room for one: whoever looks sees everything that was announced before.
    private readonly Channel<bool> reasonsToLook = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private volatile FrozenDictionary<KeyDigest, Known> keys = FrozenDictionary<KeyDigest, Known>.Empty;
    private long heardAt = services.Clock.GetTimestamp();
    private bool hasFailed;
    private Task? following;

    /// <summary>Whether what is known may be too old to decide by: a key that was revoked in the meantime would still open.</summary>
    public bool IsStale => services.Clock.GetElapsedTime(Volatile.Read(ref heardAt)) > StaleAfter;

    /// <summary>Begins to follow changes.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await RefreshAsync(ct);
        following = Task.WhenAll(FollowAsync(), PollAsync(), listener?.ListenAsync(LookSoon, stopping.Token) ?? Task.CompletedTask);
    }

    /// <summary>Who sent the request; <c>null</c> when no key of ours came with it.</summary>
    public Agent? Authenticate(HttpContext context)
    {
        if (PresentedKey(context.Request) is not { } key || !keys.TryGetValue(KeyDigest.Of(ApiKeySecret.Digest(key)), out var known)) return null;
        if (known.ExpiresAt <= services.Clock.GetUtcNow()) return null;
        known.Usage.LastUsedTicks = services.Clock.GetUtcNow().UtcTicks;
        return new(known.Principal, known.Project, "http", context.Connection.RemoteIpAddress?.ToString());
    }

    /// <summary>Takes over what has changed in the database.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await refreshing.WaitAsync(ct);
        try
        {
            if (await snapshots.ReadIfChangedAsync(ct) is { } changes) await UseAsync(changes);
            Volatile.Write(ref heardAt, services.Clock.GetTimestamp());
        }
        finally
        {
            refreshing.Release();
        }
    }

    /// <summary>The keys that were used since the last question, and when: for one writer.</summary>
    public IReadOnlyList<(Guid Key, DateTimeOffset LastUsed)> TakeKeyUsage()
    {
        var used = new List<(Guid, DateTimeOffset)>();
        foreach (var known in keys.Values)
        {
            if (known.Usage.TakeUnwritten() is { } ticks) used.Add((Guid.ParseExact(known.Principal.Key, "D"), new(ticks, TimeSpan.Zero)));
        }

        return used;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (following is not null) await following;
        foreach (var one in running.Values) await one.Gateway.DisposeAsync();
        stopping.Dispose();
        refreshing.Dispose();
    }

    private void LookSoon() => reasonsToLook.Writer.TryWrite(true);

    // Finds what no announcement told of, and is the news that keeps what is known from being stale.
    private async Task PollAsync()
    {
        using var timer = new PeriodicTimer(PollInterval, services.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token)) LookSoon();
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var _ in reasonsToLook.Reader.ReadAllAsync(stopping.Token)) await LookAsync(stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        try
        {
            await RefreshAsync(ct);
            if (hasFailed) Log.RefreshedAgain(logger);
            hasFailed = false;
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            // What is known stays in force until it is too old; then everything is refused. Said once, not twice a second.
            if (!hasFailed) Log.NotRefreshed(logger, failure);
            hasFailed = true;
        }
    }

    private async Task UseAsync(ProjectChanges changes)
    {
        var table = new Dictionary<KeyDigest, Known>(keys);
        var touched = changes.Projects.Select(static snapshot => snapshot.Project.Id).Concat(changes.Gone).ToHashSet();
        var before = new Dictionary<KeyDigest, KeyUsage>();
        foreach (var (digest, known) in keys)
        {
            if (!touched.Contains(known.Project.Identity.ProjectId)) continue;
            before[digest] = known.Usage;
            table.Remove(digest);
        }

        var replaced = new List<GatewayProject>();
        foreach (var (project, refusedUntil) in changes.Projects)
        {
            var gateway = Run(project, replaced);
            gateway.RefusedUntil = refusedUntil;
            foreach (var key in project.Keys)
            {
                var principal = new Principal { Agent = key.Agent, Key = key.Id.ToString("D"), Organization = project.OrgId.ToString("D"), Roles = [.. key.Roles], Scopes = [.. key.Scopes] };
                var digest = KeyDigest.Of(key.KeyHash);
                table[digest] = new(principal, gateway, key.ExpiresAt ?? DateTimeOffset.MaxValue, before.GetValueOrDefault(digest) ?? new());
            }
        }

        keys = table.ToFrozenDictionary();
        foreach (var gone in changes.Gone)
        {
            if (running.Remove(gone, out var stopped)) replaced.Add(stopped.Gateway);
        }

        foreach (var stopped in replaced) await stopped.DisposeAsync();
    }

    private GatewayProject Run(Project project, List<GatewayProject> replaced)
    {
        var identity = new ProjectIdentity(project.OrgId, project.Id, project.Name, project.Environment);
        var upstreams = project.Connections.Where(static connection => connection.System == "sqlite").OrderBy(static connection => connection.Name, StringComparer.Ordinal)
            .Select(connection => new SqliteConnectionSpec(connection.Name, Path.Combine(dataDirectory, connection.Target))).ToList();
        if (running.TryGetValue(project.Id, out var known) && known.Gateway.Identity == identity && known.Upstreams.SequenceEqual(upstreams))
        {
            if (known.PolicyYaml != project.PolicyYaml) known.Gateway.UsePolicy(Load(project));
            running[project.Id] = known with { PolicyYaml = project.PolicyYaml };
            return known.Gateway;
        }

        // Calls under way end with what they began with; it stops after the keys lead to its successor.
        if (known is not null) replaced.Add(known.Gateway);
        var gateway = new GatewayProject(identity, Load(project), upstreams, services);
        running[project.Id] = new(gateway, project.PolicyYaml, upstreams);
        return gateway;
    }

    private CompiledPolicy Load(Project project)
    {
        var loaded = PolicyLoader.Load(project.PolicyYaml);
        if (loaded.Policy is null) Log.BadPolicy(logger, project.Name, loaded.Diagnostics[0].Line, loaded.Diagnostics[0].Message);
        return loaded.Policy ?? DenyEverything;
    }

    // Two places, because most clients can send one of them only. Both with different keys is nobody's intention.
    private static string? PresentedKey(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        var own = request.Headers["X-API-Key"];
        var authorization = request.Headers.Authorization;
        if (own.Count > 1 || authorization.Count > 1) return null;
        var bearer = authorization.Count == 1 && authorization[0]!.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[0]![Bearer.Length..].Trim() : null;
        if (own.Count == 1 && bearer is not null && own[0] != bearer) return null;
        var key = own.Count == 1 ? own[0]! : bearer;
        return key is not null && ApiKeySecret.IsKey(key) ? key : null;
    }

    /// <summary>A digest as a dictionary key, compared by value.</summary>
    private readonly record struct KeyDigest(UInt128 High, UInt128 Low)
    {
        public static KeyDigest Of(ReadOnlySpan<byte> digest) => new(MemoryMarshal.Read<UInt128>(digest), MemoryMarshal.Read<UInt128>(digest[16..]));
    }

    private sealed record Known(Principal Principal, GatewayProject Project, DateTimeOffset ExpiresAt, KeyUsage Usage);

    /// <summary>When a key was used last, until the worker has written it down. Outlives the changes of its project.</summary>
    private sealed class KeyUsage
    {
        private long lastUsedTicks;
        private long writtenTicks;

        public long LastUsedTicks
        {
            get => Volatile.Read(ref lastUsedTicks);
            set => Volatile.Write(ref lastUsedTicks, value);
        }

        public long? TakeUnwritten()
        {
            var used = LastUsedTicks;
            if (used == writtenTicks) return null;
            writtenTicks = used;
            return used;
        }
    }

    private sealed record Running(GatewayProject Gateway, string PolicyYaml, IReadOnlyList<SqliteConnectionSpec> Upstreams);

    private static partial class Log
    {
        [LoggerMessage(401, LogLevel.Error, "Projects and keys could not be read again; after five seconds without news every call is refused")]
        public static partial void NotRefreshed(ILogger logger, Exception failure);

        [LoggerMessage(405, LogLevel.Information, "Projects and keys are read again")]
        public static partial void RefreshedAgain(ILogger logger);

        [LoggerMessage(402, LogLevel.Error, "The policy of project {Project} does not load (line {Line}: {Message}); everything is denied")]
        public static partial void BadPolicy(ILogger logger, string project, int line, string message);
    }
}
