using McpShield.Contracts.Client;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace McpShield.Web.Sessions;

internal static class SessionsRegistration
{
    public static void AddSessions(this IServiceCollection services, IConnectionMultiplexer? redis)
    {
        if (redis is null) services.AddSingleton<ISessionVault, MemoryVault>();
        else services.AddSingleton<ISessionVault>(provider => ActivatorUtilities.CreateInstance<RedisVault>(provider, redis));
        services.AddSingleton<ApiConnection>().AddSingleton<WebSessions>().AddSingleton<SessionCookie>().AddSingleton<SignIns>();
        services.AddScoped<Visitor>();

        // The handler is not the scope's to dispose of: it would take the shared connections with it.
        services.AddScoped(static provider => new ShieldClient(provider.GetRequiredService<ApiConnection>().Open(ActivatorUtilities.CreateInstance<SessionHandler>(provider))));
        services.AddAuthentication(SessionAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, static _ => { });
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
    }
}
