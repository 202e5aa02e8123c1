using System.Net;

namespace McpShield.Contracts.Client;

/// <summary>The API said no.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1710", Justification = "it is the API's problem document, thrown; whoever catches it reads a problem")]
public sealed class ShieldProblem : Exception
{
    /// <summary>Creates it of an answer.</summary>
    public ShieldProblem(HttpStatusCode status, ProblemResponse? problem, TimeSpan? retryAfter = null) : base(problem?.Detail ?? $"the API answered {(int)status}")
    {
        (Status, Code, Errors, RetryAfter) = (status, problem?.Code ?? "unknown", problem?.Errors ?? new Dictionary<string, string[]>(StringComparer.Ordinal), retryAfter);
        Diagnostics = problem?.Diagnostics ?? [];
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The kind of problem; never changes.</summary>
    public string Code { get; }

    /// <summary>For <c>validation</c>: the sentences for each field.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }

    /// <summary>For <c>policy.invalid</c>: what is wrong with the policy.</summary>
    public IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>How long to wait, where the answer says so.</summary>
    public TimeSpan? RetryAfter { get; }
}
