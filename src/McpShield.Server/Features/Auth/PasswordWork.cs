using McpShield.Data.Secrets;

namespace McpShield.Server.Features.Auth;

/// <summary>Hashes and verifies passwords, as many at once as the machine has processors.</summary>
/// <remarks>THREAT: each takes a processor and 19 MiB for a while; a flood of sign-ins would take all of both. Here it waits in line.</remarks>
internal sealed class PasswordWork : IDisposable
{
    private readonly SemaphoreSlim places = new(Math.Max(2, Environment.ProcessorCount));

    public Task<string> HashAsync(string password, CancellationToken ct) => RunAsync(() => Passwords.Hash(password), ct);

    /// <summary>Whether it is the password of <paramref name="hash"/>; without a hash the same work is done, for nothing.</summary>
    public Task<bool> VerifyAsync(string? hash, string password, CancellationToken ct) => RunAsync(
        () =>
        {
            if (hash is not null) return Passwords.Verify(hash, password);
            Passwords.VerifyNobody(password);
            return false;
        },
        ct);

    public void Dispose() => places.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        await places.WaitAsync(ct);
        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            places.Release();
        }
    }
}
