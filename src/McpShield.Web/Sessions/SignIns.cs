using McpShield.Contracts;
using McpShield.Contracts.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Web.Sessions;

/// <summary>Begins and ends sessions on a page.</summary>
internal sealed class SignIns(WebSessions sessions, SessionCookie cookie)
{
    /// <summary>Lets in whom the API has let in. A session that the browser had before is ended.</summary>
    public async Task BeginAsync(HttpContext context, TokenResponse tokens, bool isRemembered, CancellationToken ct)
    {
        await EndAsync(context, ct);
        cookie.Write(context, await sessions.BeginAsync(tokens, isRemembered, ct), isRemembered);
    }

    /// <summary>Ends the visitor's session here and at the API.</summary>
    public async Task EndAsync(HttpContext context, CancellationToken ct)
    {
        if (SessionAuthentication.KeyOf(context.User) is not { } key) return;
        try
        {
            await context.RequestServices.GetRequiredService<ShieldClient>().Auth.LogoutAsync(ct);
        }
        catch (Exception failure) when (failure is SessionEndedException or ShieldProblem or HttpRequestException)
        {
            // Over already, or the API cannot be reached: this side forgets the tokens in any case.
        }

        await sessions.EndAsync(key, ct);
        cookie.Forget(context);
    }
}
