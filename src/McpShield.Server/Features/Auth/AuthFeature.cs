using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Features.Auth;

/// <summary>Accounts and sessions: registering, codes, signing in, staying in, leaving.</summary>
internal static class AuthFeature
{
    public static void AddAuth(this IServiceCollection services) => services.AddSingleton<PasswordWork>().AddSingleton<SignIns>().AddSingleton<Codes>();

    public static void MapAuth(this IEndpointRouteBuilder app)
    {
        var auth = app.MapGroup("/auth").WithTags("Authentication");
        Register.Map(auth);
        RequestOtp.Map(auth);
        VerifyOtp.Map(auth);
        ResetPassword.Map(auth);
        Login.Map(auth);
        Refresh.Map(auth);
        Logout.Map(auth);
        ListSessions.Map(auth);
        EndSession.Map(auth);
        EndOtherSessions.Map(auth);
        BeginDevice.Map(auth);
        GetDevice.Map(auth);
        ConfirmDevice.Map(auth);
        GetDeviceToken.Map(auth);
        UseLink.Map(auth);
    }
}
