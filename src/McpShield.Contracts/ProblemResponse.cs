namespace McpShield.Contracts;

/// <summary>An answer that says no, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Type">The kind of problem, a URN that never changes.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong and what to do, for people.</param>
/// <param name="Code">The kind of problem for programs, for instance <c>project.name-taken</c>; never changes.</param>
/// <param name="Errors">For <c>validation</c>: the sentences for each field, by its name in the request.</param>
/// <param name="Diagnostics">For <c>policy.invalid</c>: what is wrong with the policy, with line and column.</param>
public sealed record ProblemResponse(string? Type, string? Title, int? Status, string? Detail, string? Code, IReadOnlyDictionary<string, string[]>? Errors = null, IReadOnlyList<PolicyDiagnostic>? Diagnostics = null);

/// <summary>One page of a list, newest first.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The entries of this page.</param>
/// <param name="NextCursor">Pass it as <c>cursor</c> for the page after this one; <c>null</c>: this is the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
