using System.Net;
using System.Net.Http.Headers;

namespace McpShield.Web.Sessions;

/// <summary>Sends requests in the visitor's name, with a token that is good.</summary>
internal sealed class SessionHandler(Visitor visitor, WebSessions sessions, ApiConnection api) : DelegatingHandler
{
    // Said by the API of any token that it does not, or not any more, take.
    private const string Refusal = "\"auth.required\"";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var (key, origin) = await visitor.WhoAsync();
        api.Introduce(request, origin);
        if (key is null) return await base.SendAsync(request, ct);
        var session = await sessions.FindAsync(key, origin, ct) ?? throw new SessionEndedException();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.AccessToken);
        var answer = await base.SendAsync(request, ct);
        if (!await IsRefusedAsync(answer, ct)) return answer;

        // Its time is not over, so it was ended elsewhere, or the API's own key has changed. The refresh token tells which.
        answer.Dispose();
        session = await sessions.RenewAsync(key, session, origin, ct) ?? throw new SessionEndedException();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.AccessToken);
        answer = await base.SendAsync(request, ct);
        return await IsRefusedAsync(answer, ct) ? throw new SessionEndedException() : answer;
    }

    private static async Task<bool> IsRefusedAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        if (answer.StatusCode != HttpStatusCode.Unauthorized) return false;
        await answer.Content.LoadIntoBufferAsync(ct); // read again by whoever asked
        return (await answer.Content.ReadAsStringAsync(ct)).Contains(Refusal, StringComparison.Ordinal);
    }
}
