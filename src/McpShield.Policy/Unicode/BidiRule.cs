namespace McpShield.Policy.Unicode;

/// <summary>A label reads in one direction, so that a name on the screen is in the order in which it is compared.</summary>
// SPEC: RFC 5893, section 2; the numbers are its own.
internal static class BidiRule
{
    /// <summary>Whether the label makes its name a Bidi domain name.</summary>
    public static bool Applies(ReadOnlySpan<int> label)
    {
        foreach (var codePoint in label)
        {
            if (ClassOf(codePoint) is BidiClass.R or BidiClass.AL or BidiClass.AN) return true;
        }

        return false;
    }

    /// <summary>Of a label that is not empty.</summary>
    public static bool Holds(ReadOnlySpan<int> label) => ClassOf(label[0]) switch
    {
        BidiClass.R or BidiClass.AL => HoldsRightToLeft(label), // 1
        BidiClass.L => HoldsLeftToRight(label),
        _ => false,
    };

    private static bool HoldsRightToLeft(ReadOnlySpan<int> label)
    {
        var (european, arabic) = (false, false);
        foreach (var codePoint in label)
        {
            switch (ClassOf(codePoint))
            {
                case BidiClass.L or BidiClass.Other: return false; // 2
                case BidiClass.EN: european = true; break;
                case BidiClass.AN: arabic = true; break;
            }
        }

        return LastOf(label) is BidiClass.R or BidiClass.AL or BidiClass.EN or BidiClass.AN // 3
            && !(european && arabic); // 4
    }

    private static bool HoldsLeftToRight(ReadOnlySpan<int> label)
    {
        foreach (var codePoint in label)
        {
            if (ClassOf(codePoint) is BidiClass.R or BidiClass.AL or BidiClass.AN or BidiClass.Other) return false; // 5
        }

        return LastOf(label) is BidiClass.L or BidiClass.EN; // 6
    }

    /// <summary>The class of the last character that is not a mark.</summary>
    private static BidiClass LastOf(ReadOnlySpan<int> label)
    {
        var at = label.Length - 1;
        while (at > 0 && ClassOf(label[at]) is BidiClass.NSM) at--;
        return ClassOf(label[at]);
    }

    private static BidiClass ClassOf(int codePoint) => UnicodeTables.Shared[codePoint].Bidi;
}
