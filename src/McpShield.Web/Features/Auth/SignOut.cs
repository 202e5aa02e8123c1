using McpShield.Web.Hosting;
using McpShield.Web.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Features.Auth;

internal static class SignOut
{
    public static void MapSignOut(this IEndpointRouteBuilder app) => app.MapForm("/auth/sign-out", static async (HttpContext context, SignIns signIns, CancellationToken ct) =>
    {
        await signIns.EndAsync(context, ct);
        return TypedResults.LocalRedirect("/");
    });
}
