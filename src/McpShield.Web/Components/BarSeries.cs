namespace McpShield.Web.Components;

/// <summary>One bar of a chart: what it stands for, and its parts by class: allow, deny, approve, other.</summary>
public sealed record Bar(string Label, IReadOnlyList<(string Class, long Count)> Parts)
{
    public long Total => Parts.Sum(static part => part.Count);
}

/// <summary>The scale of a chart: four lines, each at a round number.</summary>
internal static class Scale
{
    public static long Top(long max)
    {
        var line = Math.Max(1, (max + 3) / 4);
        var unit = (long)Math.Pow(10, Math.Floor(Math.Log10(line)));
        foreach (var step in (ReadOnlySpan<int>)[1, 2, 5, 10])
        {
            if (unit * step >= line) return unit * step * 4;
        }

        return line * 4;
    }
}
