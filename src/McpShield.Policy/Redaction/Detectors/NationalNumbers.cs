namespace McpShield.Policy.Redaction.Detectors;

/// <summary>A national number of digits only: how it is written, its check, and the words that must stand by where the check is weak.</summary>
internal static class NationalNumbers
{
    private static readonly string[] SsnWords = ["ssn", "social security", "social_security", "socialSecurity", "ss#"];
    private static readonly string[] NhsWords = ["nhs", "patient", "health service"];
    private static readonly string[] BsnWords = ["bsn", "burgerservicenummer", "sofinummer", "sofi", "citizen service number"];
    private static readonly string[] AadhaarWords = ["aadhaar", "aadhar", "adhaar", "uidai", "uid", "आधार"];

    public static void ScanUsSsn(in Sight sight, Matches found)
    {
        Each(sight, found, [3, 2, 4], "-", IsUsSsn, []);
        Each(sight, found, [3, 2, 4], " .", IsUsSsn, SsnWords);
        Each(sight, found, [9], "", IsUsSsn, SsnWords);
    }

    public static void ScanUkNhs(in Sight sight, Matches found)
    {
        Each(sight, found, [3, 3, 4], " -", IsUkNhs, []);
        Each(sight, found, [10], "", IsUkNhs, NhsWords);
    }

    public static void ScanNlBsn(in Sight sight, Matches found)
    {
        Each(sight, found, [4, 2, 3], ".", IsNlBsn, []);
        Each(sight, found, [3, 3, 3], " .-", IsNlBsn, BsnWords);
        Each(sight, found, [9], "", IsNlBsn, BsnWords);
    }

    public static void ScanBrCpf(in Sight sight, Matches found)
    {
        Each(sight, found, [3, 3, 3, 2], ".- ", IsBrCpf, []);
        Each(sight, found, [9, 2], "-", IsBrCpf, []);
        Each(sight, found, [11], "", IsBrCpf, []);
    }

    public static void ScanInAadhaar(in Sight sight, Matches found)
    {
        Each(sight, found, [4, 4, 4], " -", IsInAadhaar, []);
        Each(sight, found, [12], "", IsInAadhaar, AadhaarWords);
    }

    private static void Each(in Sight sight, Matches found, ReadOnlySpan<byte> groups, string separators, Func<ReadOnlySpan<char>, bool> holds, string[] words)
    {
        Span<char> digits = stackalloc char[16];
        var count = 0;
        foreach (var group in groups) count += group;
        for (var at = Digits.NextStart(sight.Text, 0); at >= 0; at = Digits.NextStart(sight.Text, at + 1))
        {
            var end = Digits.Groups(sight.Text, at, groups, separators, digits);
            if (end < 0 || !Digits.StandsAlone(sight.Text, at, end) || !GroupsStandAlone(sight.Text, at, end, groups.Length) || !holds(digits[..count])) continue;
            if (words.Length > 0 && !sight.Says(at, end, words)) continue;
            found.Add(at, end);
            at = end - 1;
        }
    }

    // `2345 6789 0124 3456` is a longer number, not an Aadhaar and a rest.
    private static bool GroupsStandAlone(ReadOnlySpan<char> text, int start, int end, int groups) => groups < 2
        || (!(start > 1 && text[start - 1] == ' ' && char.IsAsciiDigit(text[start - 2])) && !(end + 1 < text.Length && text[end] == ' ' && char.IsAsciiDigit(text[end + 1])));

    // SPEC: SSA, "Social Security Number Randomization": no area 000, 666 or 900 up, no group 00, no serial 0000.
    private static bool IsUsSsn(ReadOnlySpan<char> digits) =>
        !digits.StartsWith("000", StringComparison.Ordinal) && !digits.StartsWith("666", StringComparison.Ordinal) && digits[0] != '9'
        && !digits[3..].StartsWith("00", StringComparison.Ordinal) && !digits.EndsWith("0000", StringComparison.Ordinal) && !Digits.AreAllTheSame(digits);

    private static bool IsUkNhs(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < 9; i++) sum += (10 - i) * (digits[i] - '0');
        var check = (11 - sum % 11) % 11;
        return check == digits[9] - '0' && !Digits.AreAllTheSame(digits);
    }

    private static bool IsNlBsn(ReadOnlySpan<char> digits)
    {
        var sum = -(digits[8] - '0');
        for (var i = 0; i < 8; i++) sum += (9 - i) * (digits[i] - '0');
        return sum % 11 == 0 && !Digits.AreAllTheSame(digits);
    }

    private static bool IsBrCpf(ReadOnlySpan<char> digits) => !Digits.AreAllTheSame(digits) && CpfDigit(digits[..9]) == digits[9] && CpfDigit(digits[..10]) == digits[10];

    private static char CpfDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++) sum += (digits.Length + 1 - i) * (digits[i] - '0');
        return (char)('0' + sum * 10 % 11 % 10);
    }

    private static bool IsInAadhaar(ReadOnlySpan<char> digits) => digits[0] is not ('0' or '1') && Verhoeff.Holds(digits);
}
