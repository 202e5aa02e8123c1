using System.Globalization;

namespace McpShield.Contracts.Client;

/// <summary><c>/projects/{id}/keys</c></summary>
public sealed class KeysClient
{
    private readonly ShieldTransport api;

    internal KeysClient(ShieldTransport api) => this.api = api;

    /// <summary>A page of a project's keys, newest first; revoked and expired ones among them, unless <paramref name="status"/> names one kind.</summary>
    public Task<Page<KeyResponse>> ListAsync(Guid project, CancellationToken ct, string? status = null, string? cursor = null, int? limit = null) => api.SendAsync(
        HttpMethod.Get, ShieldTransport.Query($"/projects/{project:D}/keys", ("status", status), ("cursor", cursor), ("limit", limit?.ToString(CultureInfo.InvariantCulture))), KeysJson.Default.PageKeyResponse, ct);

    /// <summary>Makes a key; the answer is the only one that ever holds it.</summary>
    public Task<CreatedKeyResponse> CreateAsync(Guid project, CreateKeyRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, $"/projects/{project:D}/keys", request, KeysJson.Default.CreateKeyRequest, KeysJson.Default.CreatedKeyResponse, ct);

    /// <summary>One key.</summary>
    public Task<KeyResponse> GetAsync(Guid project, Guid id, CancellationToken ct) => api.SendAsync(HttpMethod.Get, $"/projects/{project:D}/keys/{id:D}", KeysJson.Default.KeyResponse, ct);

    /// <summary>Changes what is said of a key.</summary>
    public Task<KeyResponse> UpdateAsync(Guid project, Guid id, UpdateKeyRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Patch, $"/projects/{project:D}/keys/{id:D}", request, KeysJson.Default.UpdateKeyRequest, KeysJson.Default.KeyResponse, ct);

    /// <summary>Revokes a key, for good.</summary>
    public Task RevokeAsync(Guid project, Guid id, CancellationToken ct) => api.SendAsync(HttpMethod.Delete, $"/projects/{project:D}/keys/{id:D}", ct);
}
