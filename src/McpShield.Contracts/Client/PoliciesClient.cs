using System.Globalization;

namespace McpShield.Contracts.Client;

/// <summary><c>/projects/{id}/policy</c> and <c>/policy</c></summary>
public sealed class PoliciesClient
{
    private readonly ShieldTransport api;

    internal PoliciesClient(ShieldTransport api) => this.api = api;

    /// <summary>The policy in force.</summary>
    public Task<PolicyResponse> GetAsync(Guid project, CancellationToken ct) => api.SendAsync(HttpMethod.Get, $"/projects/{project:D}/policy", PoliciesJson.Default.PolicyResponse, ct);

    /// <summary>Puts a policy in force; with <paramref name="ifVersion"/> only while that version is.</summary>
    public Task<PolicyResponse> PutAsync(Guid project, PutPolicyRequest request, CancellationToken ct, int? ifVersion = null) => api.SendAsync(
        HttpMethod.Put, $"/projects/{project:D}/policy", request, PoliciesJson.Default.PutPolicyRequest, PoliciesJson.Default.PolicyResponse, ct, IfMatch(ifVersion));

    /// <summary>A page of the policy's versions, newest first.</summary>
    public Task<Page<PolicyVersionSummary>> ListVersionsAsync(Guid project, CancellationToken ct, string? cursor = null, int? limit = null) => api.SendAsync(
        HttpMethod.Get, ShieldTransport.Query($"/projects/{project:D}/policy/versions", ("cursor", cursor), ("limit", limit?.ToString(CultureInfo.InvariantCulture))), PoliciesJson.Default.PagePolicyVersionSummary, ct);

    /// <summary>One version, and what it changed.</summary>
    public Task<PolicyVersionResponse> GetVersionAsync(Guid project, int version, CancellationToken ct) => api.SendAsync(
        HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/projects/{project:D}/policy/versions/{version}"), PoliciesJson.Default.PolicyVersionResponse, ct);

    /// <summary>Puts an earlier version in force again, as a new version.</summary>
    public Task<PolicyResponse> RestoreAsync(Guid project, int version, RestorePolicyRequest request, CancellationToken ct, int? ifVersion = null) => api.SendAsync(
        HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/projects/{project:D}/policy/versions/{version}/restore"), request, PoliciesJson.Default.RestorePolicyRequest, PoliciesJson.Default.PolicyResponse, ct, IfMatch(ifVersion));

    /// <summary>What there is to say about a policy text.</summary>
    public Task<PolicyValidationResponse> ValidateAsync(Guid project, PolicyTextRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, $"/projects/{project:D}/policy/validate", request, PoliciesJson.Default.PolicyTextRequest, PoliciesJson.Default.PolicyValidationResponse, ct);

    /// <summary>What a draft would let through that is denied now, and the reverse.</summary>
    public Task<PolicyDiffResponse> DiffAsync(Guid project, PolicyTextRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, $"/projects/{project:D}/policy/diff", request, PoliciesJson.Default.PolicyTextRequest, PoliciesJson.Default.PolicyDiffResponse, ct);

    /// <summary>Runs a draft against given or recorded calls.</summary>
    public Task<SimulationResponse> SimulateAsync(Guid project, SimulatePolicyRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, $"/projects/{project:D}/policy/simulate", request, PoliciesJson.Default.SimulatePolicyRequest, PoliciesJson.Default.SimulationResponse, ct);

    /// <summary>Asks a policy text about one call. Anyone may, a few times a minute.</summary>
    public Task<ExplainedDecision> TryAsync(TryPolicyRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, "/policy/simulate", request, PoliciesJson.Default.TryPolicyRequest, PoliciesJson.Default.ExplainedDecision, ct);

    private static Action<HttpRequestMessage>? IfMatch(int? version) => version is not { } number
        ? null
        : request => request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"v{number}\""));
}
