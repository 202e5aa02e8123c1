namespace McpShield.Server.Tests;

/// <summary>The clock of this machine, ahead by what a test says. Timers go on as they are: a server's own polling costs nothing when a test skips a day.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private long ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref ahead));

    public void Advance(TimeSpan time) => Interlocked.Add(ref ahead, time.Ticks);
}
