using System.Runtime.InteropServices;

namespace McpShield.Policy.Unicode;

/// <summary>Puts combining marks in the order of their classes; marks of one class keep theirs.</summary>
internal static class CanonicalOrder
{
    // Up to here, insertion beats counting; beyond it, it would be quadratic.
    private const int InsertionLimit = 24;

    private static readonly UnicodeTables Tables = UnicodeTables.Shared;

    public static void Sort(List<int> codePoints)
    {
        var all = CollectionsMarshal.AsSpan(codePoints);
        for (var start = 0; start < all.Length; start++)
        {
            var end = start;
            while (end < all.Length && ClassOf(all[end]) != 0) end++;
            if (end - start > 1) SortRun(all[start..end]);
            start = end;
        }
    }

    // THREAT: a megabyte of marks in falling order. The usual exchange of neighbours would take days over it.
    private static void SortRun(Span<int> marks)
    {
        if (marks.Length <= InsertionLimit) SortByInsertion(marks);
        else SortByCounting(marks);
    }

    private static void SortByInsertion(Span<int> marks)
    {
        for (var i = 1; i < marks.Length; i++)
        {
            var mark = marks[i];
            var at = i;
            for (; at > 0 && ClassOf(marks[at - 1]) > ClassOf(mark); at--) marks[at] = marks[at - 1];
            marks[at] = mark;
        }
    }

    private static void SortByCounting(Span<int> marks)
    {
        Span<int> next = stackalloc int[257];
        next.Clear();
        foreach (var mark in marks) next[ClassOf(mark) + 1]++;
        for (var i = 1; i < next.Length; i++) next[i] += next[i - 1];

        var sorted = new int[marks.Length];
        foreach (var mark in marks) sorted[next[ClassOf(mark)]++] = mark;
        sorted.CopyTo(marks);
    }

    private static int ClassOf(int codePoint) => Tables[codePoint].CombiningClass;
}
