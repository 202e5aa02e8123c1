using System.Text;
using McpShield.Contracts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Auth;

internal static class BeginDevice
{
    private const int AgentMaxLength = 200;

    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/device", HandleAsync)
        .ForAnyone()
        .WithName("auth.device.begin")
        .WithSummary("Begin a sign-in that a person confirms in the dashboard")
        .WithDescription("For programs like `mcpshield login`: show `user_code` and `verification_url`, and ask `/auth/device/token` every `interval` seconds.");

    private static async Task<Ok<DeviceResponse>> HandleAsync(HttpContext context, EphemeralStores stores, ShieldSettings settings, Visitors visitors, TimeProvider clock, CancellationToken ct)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        var state = Devices.Write(new(visitors.Address(context), agent.Length <= AgentMaxLength ? agent : agent[..AgentMaxLength], clock.GetMoment(), ConfirmedBy: null));
        string code;
        do code = Devices.NewCode();
        while (!await stores.Tickets.TryAddAsync(Devices.UserTicket, "", code, state, Devices.Lifetime, ct));

        var device = await stores.Tickets.IssueAsync(Devices.DeviceTicket, "", Encoding.ASCII.GetBytes(code), Devices.Lifetime, ct);
        var shown = Devices.Shown(code);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new DeviceResponse(device, shown, new Uri(settings.WebUrl, $"/auth/device?code={shown}").AbsoluteUri, (int)Devices.Lifetime.TotalSeconds, Devices.IntervalSeconds));
    }
}
