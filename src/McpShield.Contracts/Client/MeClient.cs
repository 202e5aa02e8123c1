namespace McpShield.Contracts.Client;

/// <summary><c>/me</c></summary>
public sealed class MeClient
{
    private readonly ShieldTransport api;

    internal MeClient(ShieldTransport api) => this.api = api;

    /// <summary>The caller.</summary>
    public Task<MeResponse> GetAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Get, "/me", MeJson.Default.MeResponse, ct);

    /// <summary>Changes the caller's profile.</summary>
    public Task<MeResponse> UpdateAsync(UpdateMeRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Patch, "/me", request, MeJson.Default.UpdateMeRequest, MeJson.Default.MeResponse, ct);

    /// <summary>Deletes the caller's account with everything it owns.</summary>
    public Task DeleteAsync(DeleteMeRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Delete, "/me", request, MeJson.Default.DeleteMeRequest, ct);

    /// <summary>How the caller wants things.</summary>
    public Task<MySettings> GetSettingsAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Get, "/me/settings", MeJson.Default.MySettings, ct);

    /// <summary>Changes how the caller wants things.</summary>
    public Task<MySettings> PutSettingsAsync(MySettings settings, CancellationToken ct) => api.SendAsync(HttpMethod.Put, "/me/settings", settings, MeJson.Default.MySettings, MeJson.Default.MySettings, ct);

    /// <summary>Changes the caller's password and ends their other sessions.</summary>
    public Task ChangePasswordAsync(ChangePasswordRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/me/password", request, MeJson.Default.ChangePasswordRequest, ct);

    /// <summary>Everything about the caller, as a ZIP; the answer is to be disposed, and its body is not read yet.</summary>
    public Task<HttpResponseMessage> ExportAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Get, "/me/export", content: null, ct, prepare: null);
}
