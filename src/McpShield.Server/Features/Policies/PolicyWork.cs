using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace McpShield.Server.Features.Policies;

/// <summary>Thinking about policies of strangers, where it can take long: a few at a time, for a few seconds, beside everything else.</summary>
/// <remarks>THREAT: a policy written to be expensive (assertions to prove, witnesses to find) takes the processors from agents' calls.</remarks>
internal sealed class PolicyWork(TimeProvider clock) : IDisposable
{
    private const int AtOnce = 2;

    private static readonly TimeSpan MostWaiting = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MostThinking = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim slots = new(AtOnce, AtOnce);

    public static ProblemHttpResult TooBusy => Problems.Unavailable("policy.too-busy", "Thinking this policy through takes longer than the server has time for right now. Try again shortly; if it stays so, the policy has too many rules or conditions that overlap.");

    /// <summary>What <paramref name="think"/> comes to; <c>null</c>: there was no time for it.</summary>
    public async Task<T?> TryAsync<T>(Func<CancellationToken, T> think, CancellationToken ct) where T : class
    {
        if (!await slots.WaitAsync(MostWaiting, ct)) return null;
        using var timer = new CancellationTokenSource(MostThinking, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            // A thread of its own below the others' priority: the pool answers requests.
            return await Task.Factory.StartNew(() => Think(think, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>Reads a policy text, its assertions proved; <c>null</c>: there was no time for it.</summary>
    public Task<PolicyLoadResult?> TryLoadAsync(string yaml, CancellationToken ct) => TryAsync(stop => PolicyLoader.Load(yaml, stop), ct);

    public void Dispose() => slots.Dispose();

    private static T Think<T>(Func<CancellationToken, T> think, CancellationToken stop)
    {
        Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        return think(stop);
    }
}

/// <summary>The policy in force, which was read before: should it not load any more, it denies everything, as in the gateway.</summary>
internal static class PolicyInForce
{
    private static readonly CompiledPolicy DenyEverything = PolicyLoader.Load("version: 1\ndefault: deny\nrules: []\n").Policy!;

    public static CompiledPolicy Of(PolicyLoadResult loaded) => loaded.Policy ?? DenyEverything;
}
