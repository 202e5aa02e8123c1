namespace McpShield.Server.Features.Auth;

/// <summary>Answers that leave at the same time after the question, whatever was to do for it.</summary>
/// <remarks>THREAT: an address with an account needs other work than one without, and whoever measures that learns which it is. So what follows the password's hash fills a fixed time.</remarks>
internal static class EvenAnswers
{
    private static readonly TimeSpan Length = TimeSpan.FromMilliseconds(150);

    public static async Task<T> AfterAsync<T>(Func<Task<T>> work)
    {
        var end = Task.Delay(Length, TimeProvider.System); // the attacker's clock, not the program's
        try
        {
            return await work();
        }
        finally
        {
            await end;
        }
    }
}
