using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Hosting;

/// <summary>What is turned away before anything else looks at it.</summary>
internal static class Door
{
    public static void UseDoor(this IApplicationBuilder app, WebSettings settings)
    {
        var outside = settings.WebUrl.Authority;
        app.Use((context, next) => Refuses(context.Request, outside) is not { } status ? next(context) : Refuse(context, status));
    }

    private static int? Refuses(HttpRequest request, string outside)
    {
        // A connection without negotiation is a WebSocket, and stays with the copy that accepted it: copies need no sticky routing.
        if (request.Path.StartsWithSegments($"{Islands.Path}/negotiate", StringComparison.OrdinalIgnoreCase)) return StatusCodes.Status404NotFound;

        // THREAT: a foreign page that sends a form or opens an island with the visitor's cookie. SameSite and the form's token stop it too; this stops it first.
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) || request.Path.StartsWithSegments(Islands.Path, StringComparison.OrdinalIgnoreCase);
        if (!changes || request.Headers.Origin is not [{ Length: > 0 } origin]) return null;
        return Uri.TryCreate(origin, UriKind.Absolute, out var page) && (page.Authority == request.Host.Value || page.Authority == outside) ? null : StatusCodes.Status403Forbidden;
    }

    private static Task Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
