using System.Globalization;

namespace McpShield.Policy.Unicode;

/// <summary>What the tables say of one code point; packed as `tools/unicode/generate.mjs` packs it.</summary>
internal readonly struct CodePointProperties(byte categoryAndIdna, byte combiningClass, byte bidiAndJoining, byte flags)
{
    /// <summary>The combining class of a virama, which lets a joiner follow.</summary>
    public const int Virama = 9;

    public UnicodeCategory Category => (UnicodeCategory)(categoryAndIdna & 31);

    public IdnaStatus Idna => (IdnaStatus)(categoryAndIdna >> 5);

    /// <summary>Zero for a starter: a character that others may be placed upon and that never moves.</summary>
    public int CombiningClass => combiningClass;

    public BidiClass Bidi => (BidiClass)(bidiAndJoining & 15);

    public JoiningType Joining => (JoiningType)(bidiAndJoining >> 4);

    /// <summary>May melt into a character before it, so that normalized text may not hold it.</summary>
    public bool MayComposeWithPrevious => (flags & 4) != 0;

    public bool IsMark => Category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Never occurs in text of this form.</summary>
    public bool IsNever(TextForm form) => (flags & (form is TextForm.Nfkc ? 2 : 1)) != 0;
}

/// <summary>The composed normalization forms.</summary>
internal enum TextForm { Nfc, Nfkc }

/// <summary>The statuses of UTS-46; zero is the one that refuses.</summary>
internal enum IdnaStatus { Disallowed, Valid, Mapped, Ignored }

/// <summary>The directional classes that RFC 5893 names; all others are <c>Other</c>, which no label may hold.</summary>
internal enum BidiClass { Other, L, R, AL, AN, EN, ES, CS, ET, ON, BN, NSM }

/// <summary>How a letter joins its neighbours in cursive scripts.</summary>
internal enum JoiningType { None, Left, Right, Dual, Transparent, Causing }
