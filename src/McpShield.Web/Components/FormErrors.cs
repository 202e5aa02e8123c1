using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.Web.Components;

/// <summary>What the API said of a form: a sentence for the whole, and one for each field.</summary>
public sealed class FormErrors
{
    /// <summary>Nothing was said.</summary>
    public static readonly FormErrors None = new(null, new Dictionary<string, string[]>(StringComparer.Ordinal));

    private readonly IReadOnlyDictionary<string, string[]> fields;

    private FormErrors(string? whole, IReadOnlyDictionary<string, string[]> fields) => (Whole, this.fields) = (whole, fields);

    /// <summary>About the whole form; <c>null</c> where every error stands beside its field.</summary>
    public string? Whole { get; }

    /// <summary>The problem's code, for a page that answers it in its own words.</summary>
    public string? Code { get; private init; }

    /// <summary>How long to wait before the next try.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Of a policy that is not valid: what, and where.</summary>
    public IReadOnlyList<PolicyDiagnostic> Diagnostics { get; private init; } = [];

    /// <summary>About the field of this name, as a sentence.</summary>
    public string? this[string field] => fields.TryGetValue(field, out var sentences) && sentences.Length > 0 ? Sentence(sentences[0]) : null;

    /// <summary>What <paramref name="problem"/> says.</summary>
    public static FormErrors Of(ShieldProblem problem) => new(problem.Errors.Count > 0 ? null : problem.Message, problem.Errors) { Code = problem.Code, RetryAfter = problem.RetryAfter, Diagnostics = problem.Diagnostics };

    /// <summary>An error of the page's own.</summary>
    public static FormErrors At(string field, string sentence) => new(null, new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [sentence] });

    private static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
