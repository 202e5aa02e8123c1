namespace McpShield.Contracts.Client;

/// <summary><c>/auth</c></summary>
public sealed class AuthClient
{
    private readonly ShieldTransport api;

    internal AuthClient(ShieldTransport api) => this.api = api;

    /// <summary>Makes an account; a code is sent to the address.</summary>
    public Task<MailSentResponse> RegisterAsync(RegisterRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/register", request, AuthJson.Default.RegisterRequest, AuthJson.Default.MailSentResponse, ct);

    /// <summary>Sends a one-time code, if there is such an account.</summary>
    public Task<MailSentResponse> RequestOtpAsync(OtpRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/otp/request", request, AuthJson.Default.OtpRequest, AuthJson.Default.MailSentResponse, ct);

    /// <summary>Presents a one-time code.</summary>
    public Task<OtpVerifyResponse> VerifyOtpAsync(OtpVerifyRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/otp/verify", request, AuthJson.Default.OtpVerifyRequest, AuthJson.Default.OtpVerifyResponse, ct);

    /// <summary>Sets a new password after a code, and ends every session.</summary>
    public Task ResetPasswordAsync(PasswordResetRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/password/reset", request, AuthJson.Default.PasswordResetRequest, ct);

    /// <summary>Signs in.</summary>
    public Task<TokenResponse> LoginAsync(LoginRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/login", request, AuthJson.Default.LoginRequest, AuthJson.Default.TokenResponse, ct);

    /// <summary>The next pair of tokens.</summary>
    public Task<TokenResponse> RefreshAsync(RefreshRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/refresh", request, AuthJson.Default.RefreshRequest, AuthJson.Default.TokenResponse, ct);

    /// <summary>Ends this session.</summary>
    public Task LogoutAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/logout", ct);

    /// <summary>The caller's sessions.</summary>
    public Task<Page<SessionResponse>> ListSessionsAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Get, "/auth/sessions", AuthJson.Default.PageSessionResponse, ct);

    /// <summary>Ends a session.</summary>
    public Task EndSessionAsync(Guid id, CancellationToken ct) => api.SendAsync(HttpMethod.Delete, $"/auth/sessions/{id:D}", ct);

    /// <summary>Ends every session but this one.</summary>
    public Task<SessionsEndedResponse> EndOtherSessionsAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Delete, "/auth/sessions", AuthJson.Default.SessionsEndedResponse, ct);

    /// <summary>Begins a sign-in that a person confirms elsewhere.</summary>
    public Task<DeviceResponse> BeginDeviceAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/device", AuthJson.Default.DeviceResponse, ct);

    /// <summary>Who waits behind a code.</summary>
    public Task<DeviceRequestResponse> GetDeviceAsync(string userCode, CancellationToken ct) => api.SendAsync(HttpMethod.Get, ShieldTransport.Query("/auth/device", ("user_code", userCode)), AuthJson.Default.DeviceRequestResponse, ct);

    /// <summary>Lets the program behind a code in as the caller.</summary>
    public Task ConfirmDeviceAsync(DeviceConfirmRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/device/confirm", request, AuthJson.Default.DeviceConfirmRequest, ct);

    /// <summary>The tokens, once, when the person has confirmed; until then refused as <c>device.pending</c>.</summary>
    public Task<TokenResponse> GetDeviceTokenAsync(DeviceTokenRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/device/token", request, AuthJson.Default.DeviceTokenRequest, AuthJson.Default.TokenResponse, ct);

    /// <summary>Signs in with a link that works once.</summary>
    public Task<TokenResponse> UseLinkAsync(LinkRequest request, CancellationToken ct) => api.SendAsync(HttpMethod.Post, "/auth/link", request, AuthJson.Default.LinkRequest, AuthJson.Default.TokenResponse, ct);
}
