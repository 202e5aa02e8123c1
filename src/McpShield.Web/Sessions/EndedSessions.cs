using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Web.Sessions;

/// <summary>A session that the API has ended leads to the sign-in page, and from there back.</summary>
internal static class EndedSessions
{
    public static void UseEndedSessions(this IApplicationBuilder app) => app.Use(static async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (SessionEndedException) when (!context.Response.HasStarted)
        {
            context.RequestServices.GetRequiredService<SessionCookie>().Forget(context);
            SessionAuthentication.Redirect(context);
        }
    });
}
