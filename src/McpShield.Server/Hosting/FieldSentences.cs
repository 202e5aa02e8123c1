using System.Text.RegularExpressions;
using McpShield.Contracts;

namespace McpShield.Server.Hosting;

/// <summary>What is said of a field that an attribute refuses, in the words of every other refusal: the field's name stands beside it already.</summary>
/// <remarks>The framework names members of records (<c>FirstName</c>), which nobody outside knows. A test asks every attribute of every request.</remarks>
internal static partial class FieldSentences
{
    private const int Patience = 1_000;

    public static string Of(string sentence) => sentence switch
    {
        _ when Required().IsMatch(sentence) => "is required",
        _ when Email().IsMatch(sentence) => EmailRules.Message,
        _ when Longest().Match(sentence) is { Success: true } found => $"must have at most {found.Groups["max"].Value} characters",
        _ when Length().Match(sentence) is { Success: true } found => $"must have {found.Groups["min"].Value} to {found.Groups["max"].Value} characters",
        _ when Most().Match(sentence) is { Success: true } found => $"must have at most {found.Groups["max"].Value} entries",
        _ when Between().Match(sentence) is { Success: true } found => $"must be {found.Groups["min"].Value} to {found.Groups["max"].Value}",
        _ => sentence,
    };

    [GeneratedRegex(@"\AThe \S+ field is required\.\z", RegexOptions.CultureInvariant, Patience)]
    private static partial Regex Required();

    [GeneratedRegex(@"\AThe \S+ field is not a valid e-mail address\.\z", RegexOptions.CultureInvariant, Patience)]
    private static partial Regex Email();

    [GeneratedRegex(@"\AThe field \S+ must be a string with a maximum length of (?<max>\d+)\.\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Longest();

    [GeneratedRegex(@"\AThe field \S+ must be a string with a minimum length of (?<min>\d+) and a maximum length of (?<max>\d+)\.\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Length();

    [GeneratedRegex(@"\AThe field \S+ must be a string or array type with a maximum length of '(?<max>\d+)'\.\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Most();

    [GeneratedRegex(@"\AThe field \S+ must be between (?<min>\S+) and (?<max>\S+)\.\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Between();
}
