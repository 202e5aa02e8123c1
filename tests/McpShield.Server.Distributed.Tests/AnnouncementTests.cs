using System.Collections.Concurrent;
using System.Net;
using McpShield.Data;
using McpShield.Server.Tests.Events;
using McpShield.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace McpShield.Server.Tests;

/// <summary>What one copy changes, PostgreSQL tells the others at once.</summary>
public sealed class AnnouncementTests
{
    private const string LostId = "403";
    private const string BackId = "404";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_made_and_revoked_on_one_copy_is_known_to_another_whose_clock_stands_still_so_that_it_never_polls()
    {
        using var folder = new TemporaryFolder();
        var variables = await ShieldServer.VariablesAsync();
        await using var one = await ShieldServer.StartAsync(variables, folder["one"], NullLoggerFactory.Instance, Ct);
        await using var other = await ShieldServer.StartAsync(variables, folder["other"], NullLoggerFactory.Instance, Ct, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        var ada = await ShieldServer.SignInAsync(one, "ada", Ct);

        using var agent = await Agents.AgentAsync(one.Services, other.Url, ada, Ct);
        await IsKnownAsync(agent, true);
        await ada.Api.Keys.RevokeAsync(agent.ProjectId, agent.KeyId, Ct);

        await IsKnownAsync(agent, false);
    }

    [Fact]
    public async Task A_lost_connection_is_said_and_made_again_and_meanwhile_changes_are_found_by_asking()
    {
        using var folder = new TemporaryFolder();
        using var log = new LogIds();
        await using var host = await ShieldServer.StartAsync(await ShieldServer.VariablesAsync(), folder["data"], log, Ct);
        var ada = await ShieldServer.SignInAsync(host, "ada", Ct);
        using var agent = await Agents.AgentAsync(host.Services, host.Url, ada, Ct);
        var source = host.Services.GetRequiredService<ShieldDatabase>().Postgres!;
        await Agents.UntilAsync(async () => await EndListenersAsync(source) > 0, Ct);

        // Another process, as far as this one can tell.
        await using (var revoke = source.CreateCommand($"UPDATE api_keys SET revoked_at = now() WHERE id = '{agent.KeyId:D}'")) await revoke.ExecuteNonQueryAsync(Ct);

        await IsKnownAsync(agent, false);
        await Agents.UntilAsync(() => Task.FromResult(log.Seen.Contains(BackId)), Ct);
        Assert.Equal([LostId, BackId], log.Seen.Where(static id => id is LostId or BackId));
    }

    private static async Task<long> EndListenersAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{ShieldDatabase.ListenerName}' AND query LIKE 'LISTEN%'");
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }

    private static Task IsKnownAsync(AgentProgram agent, bool expected) => Agents.UntilAsync(
        async () =>
        {
            using var answer = await agent.Http.GetAsync("/policy", Ct);
            return answer.StatusCode is not HttpStatusCode.Unauthorized == expected;
        },
        Ct);

    /// <summary>The numbers of what was logged, in order.</summary>
    private sealed class LogIds : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Seen { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Seen.Enqueue(eventId.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));

        public void Dispose()
        {
        }
    }
}
