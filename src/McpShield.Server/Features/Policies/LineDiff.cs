using System.Globalization;

namespace McpShield.Server.Features.Policies;

/// <summary>The lines in which two texts differ, as unified diff (POSIX <c>diff -U 3</c>, without the two lines of file names).</summary>
/// <remarks>Source: Eugene W. Myers, An O(ND) difference algorithm and its variations (1986).</remarks>
internal static class LineDiff
{
    private const int Around = 3;

    // Beyond so many differences the middle is shown as replaced: nobody reads it line by line.
    private const int MostDifferences = 1_000;

    private enum Side
    {
        Both,
        Old,
        New,
    }

    public static IReadOnlyList<string> Unified(string before, string after)
    {
        var (old, now) = (Lines(before), Lines(after));
        var (start, oldEnd, nowEnd) = (0, old.Length, now.Length);
        while (start < oldEnd && start < nowEnd && old[start] == now[start]) start++;
        while (oldEnd > start && nowEnd > start && old[oldEnd - 1] == now[nowEnd - 1]) (oldEnd, nowEnd) = (oldEnd - 1, nowEnd - 1);
        var steps = new List<Side>(Enumerable.Repeat(Side.Both, start));
        steps.AddRange(Middle(old.AsSpan(start..oldEnd), now.AsSpan(start..nowEnd)));
        steps.AddRange(Enumerable.Repeat(Side.Both, old.Length - oldEnd));
        return Write(old, now, steps);
    }

    private static string[] Lines(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    private static List<Side> Middle(ReadOnlySpan<string> old, ReadOnlySpan<string> now)
    {
        var most = Math.Min(old.Length + now.Length, MostDifferences);
        var furthest = new int[2 * most + 3];
        var ways = new List<int[]>();
        for (var differences = 0; differences <= most; differences++)
        {
            ways.Add(furthest[(most + 1 - differences)..(most + 2 + differences)]);
            for (var diagonal = -differences; diagonal <= differences; diagonal += 2)
            {
                var at = most + 1 + diagonal;
                var isDown = diagonal == -differences || (diagonal != differences && furthest[at - 1] < furthest[at + 1]);
                var x = isDown ? furthest[at + 1] : furthest[at - 1] + 1;
                while (x < old.Length && x - diagonal < now.Length && old[x] == now[x - diagonal]) x++;
                furthest[at] = x;
                if (x >= old.Length && x - diagonal >= now.Length) return Way(ways, old.Length, now.Length);
            }
        }

        return [.. Enumerable.Repeat(Side.Old, old.Length), .. Enumerable.Repeat(Side.New, now.Length)];
    }

    // Back from the end. Each round was kept as it stood before it, with `differences` diagonals on either side of the middle one.
    private static List<Side> Way(List<int[]> ways, int x, int y)
    {
        var steps = new List<Side>();
        for (var differences = ways.Count - 1; differences > 0; differences--)
        {
            var (kept, here) = (ways[differences], x - y + differences);
            var isDown = here == 0 || (here != 2 * differences && kept[here - 1] < kept[here + 1]);
            var fromX = isDown ? kept[here + 1] : kept[here - 1];
            var fromY = isDown ? fromX - (x - y) - 1 : fromX - (x - y) + 1;
            for (; x > fromX && y > fromY; x--, y--) steps.Add(Side.Both);
            steps.Add(isDown ? Side.New : Side.Old);
            (x, y) = (fromX, fromY);
        }

        for (; x > 0 && y > 0; x--, y--) steps.Add(Side.Both);
        steps.Reverse();
        return steps;
    }

    private static List<string> Write(string[] old, string[] now, List<Side> steps)
    {
        var text = new List<string>();
        var (oldLine, nowLine) = (0, 0);
        for (var i = 0; i < steps.Count;)
        {
            var next = steps.FindIndex(i, static step => step is not Side.Both);
            if (next < 0) break;
            var begin = Math.Max(i, next - Around);
            (oldLine, nowLine, i) = (oldLine + begin - i, nowLine + begin - i, begin);

            // A hunk goes on while the next difference is near enough for their surroundings to meet.
            var (end, quiet) = (next, 0);
            for (var j = next; j < steps.Count && quiet <= 2 * Around; j++)
            {
                quiet = steps[j] is Side.Both ? quiet + 1 : 0;
                if (quiet == 0) end = j + 1;
            }

            end = Math.Min(end + Around, steps.Count);
            var hunk = steps.GetRange(i, end - i);
            var (oldCount, nowCount) = (hunk.Count(static step => step is not Side.New), hunk.Count(static step => step is not Side.Old));
            text.Add(string.Create(CultureInfo.InvariantCulture, $"@@ -{(oldCount == 0 ? oldLine : oldLine + 1)},{oldCount} +{(nowCount == 0 ? nowLine : nowLine + 1)},{nowCount} @@"));
            foreach (var step in hunk)
            {
                text.Add(step switch { Side.Old => "-" + old[oldLine], Side.New => "+" + now[nowLine], _ => " " + old[oldLine] });
                if (step is not Side.New) oldLine++;
                if (step is not Side.Old) nowLine++;
            }

            i = end;
        }

        return text;
    }
}
