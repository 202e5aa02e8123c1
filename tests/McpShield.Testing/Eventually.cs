namespace McpShield.Testing;

/// <summary>Waits for what another process does, where no message tells it.</summary>
public static class Eventually
{
    public static async Task IsTrueAsync(Func<bool> holds, CancellationToken ct)
    {
        while (!holds()) await Task.Delay(20, ct);
    }
}
