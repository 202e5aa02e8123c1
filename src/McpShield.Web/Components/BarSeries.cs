namespace McpShield.Web.Components;

/// <summary>One bar of a chart: what it stands for, and its parts by class: allow, deny, approve, other.</summary>
public sealed record Bar(string Label, IReadOnlyList<(string Class, long Count)> Parts)
{
    public long Total => Parts.Sum(static part => part.Count);
}

/// <summary>The scale of a chart: a round number at its top.</summary>
internal static class Scale
{
    public static long Top(long max)
    {
        if (max <= 4) return 4;
        var unit = (long)Math.Pow(10, Math.Floor(Math.Log10(max)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 2.5, 5, 10])
        {
            if (unit * step >= max) return (long)(unit * step);
        }

        return unit * 10;
    }
}
