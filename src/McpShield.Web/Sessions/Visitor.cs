using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Web.Sessions;

/// <summary>Who asks: the same on a page, whose request says it, and in a circuit, which remembers whom it was opened by.</summary>
internal sealed class Visitor(AuthenticationStateProvider circuit)
{
    private ClaimsPrincipal? user;

    /// <summary>The key of the visitor's session; <c>null</c>: not signed in.</summary>
    public async ValueTask<(string? Session, VisitorOrigin Origin)> WhoAsync()
    {
        user ??= (await circuit.GetAuthenticationStateAsync()).User;
        return (SessionAuthentication.KeyOf(user), VisitorOrigin.Of(user));
    }

    internal void Is(ClaimsPrincipal principal) => user = principal;
}

internal static class VisitorExtensions
{
    public static void UseVisitors(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        context.User.AddIdentity(VisitorOrigin.Of(context).ToIdentity());
        context.RequestServices.GetRequiredService<Visitor>().Is(context.User);
        return next(context);
    });
}
