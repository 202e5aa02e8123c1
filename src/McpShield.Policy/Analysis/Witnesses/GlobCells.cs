using System.Collections.Immutable;
using System.Text;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>
/// One name for every way in which patterns can overlap: two names that the same patterns match are the same to a policy. The patterns are
/// walked together, character by character, so that no overlap is missed.
/// </summary>
internal static class GlobCells
{
    private const int MaxStates = 40_000;
    private const int MaxLength = 128;

    /// <summary>A shortest name of each cell, that of no pattern included; <c>null</c> when there are too many to walk.</summary>
    /// <param name="patterns">The patterns: <c>*</c> any run, <c>?</c> exactly one.</param>
    /// <param name="others">Characters tried beside those of the patterns, so that a name can leave them.</param>
    /// <param name="isName">Whether a text can be a name at all.</param>
    public static IReadOnlyList<string>? Of(IReadOnlyCollection<string> patterns, string others, Func<string, bool> isName)
    {
        var globs = patterns.Distinct(StringComparer.Ordinal).ToArray();
        var alphabet = globs.SelectMany(static glob => glob).Where(static one => one is not ('*' or '?')).Concat(others).Distinct().Order().ToArray();
        var cells = new Dictionary<string, string>(StringComparer.Ordinal);
        var queue = new Queue<(ImmutableArray<State> Live, string Name)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Visit([.. globs.Select((glob, index) => new State(index, Closed(glob, 1)))], "");
        while (queue.Count > 0)
        {
            var (live, name) = queue.Dequeue();
            if (name.Length == MaxLength) continue;
            foreach (var character in alphabet)
            {
                var next = ImmutableArray.CreateBuilder<State>();
                foreach (var (glob, positions) in live)
                {
                    if (Step(globs[glob], positions, character) is { IsZero: false } moved) next.Add(new(glob, moved));
                }

                if (!Visit(next.ToImmutable(), name + character)) return null;
            }
        }

        return [.. cells.Values];

        bool Visit(ImmutableArray<State> live, string name)
        {
            var key = new StringBuilder();
            foreach (var (glob, positions) in live) key.Append(glob).Append(':').Append(positions).Append(';');
            // A name that cannot be one yet (empty, or a first character that may not stand there) may still lead to one.
            if (isName(name))
            {
                var cell = string.Join(',', live.Where(state => !(state.Positions & (System.Numerics.BigInteger.One << globs[state.Glob].Length)).IsZero).Select(static state => state.Glob));
                cells.TryAdd(cell, name);
            }
            else if (name.Length > 0)
            {
                return true;
            }

            if (!seen.Add(name.Length == 0 ? "start" : key.ToString())) return true;
            if (seen.Count > MaxStates) return false;
            queue.Enqueue((live, name));
            return true;
        }
    }

    private readonly record struct State(int Glob, System.Numerics.BigInteger Positions);

    // A bit for each position of the pattern that may come next; stars are passed over at once.
    private static System.Numerics.BigInteger Closed(string glob, System.Numerics.BigInteger positions)
    {
        for (var i = 0; i < glob.Length; i++)
        {
            if (glob[i] == '*' && !(positions & (System.Numerics.BigInteger.One << i)).IsZero) positions |= System.Numerics.BigInteger.One << (i + 1);
        }

        return positions;
    }

    private static System.Numerics.BigInteger Step(string glob, System.Numerics.BigInteger positions, char character)
    {
        var next = System.Numerics.BigInteger.Zero;
        for (var i = 0; i < glob.Length; i++)
        {
            if ((positions & (System.Numerics.BigInteger.One << i)).IsZero) continue;
            if (glob[i] == '*') next |= System.Numerics.BigInteger.One << i;
            else if (glob[i] == '?' || glob[i] == character) next |= System.Numerics.BigInteger.One << (i + 1);
        }

        return Closed(glob, next);
    }
}
