using Microsoft.AspNetCore.Builder;

namespace McpShield.Server.Hosting;

/// <summary>Who may come through a route. A route without one is closed.</summary>
internal abstract record Guard
{
    /// <summary>Anyone at all.</summary>
    public sealed record Anyone : Guard
    {
        public override string ToString() => "ANYONE";
    }

    /// <summary>A person who has signed in, about themselves.</summary>
    public sealed record SignedIn : Guard
    {
        public override string ToString() => "USER";
    }

    /// <summary>A member of the organization in question whose role has the permission.</summary>
    public sealed record Member(Permission Permission) : Guard
    {
        public override string ToString() => $"USER {Permission}";
    }

    /// <summary>A program with a project's key.</summary>
    public sealed record Key : Guard
    {
        public override string ToString() => "KEY";
    }
}

/// <summary>Puts guards on routes.</summary>
internal static class GuardExtensions
{
    public static TBuilder ForAnyone<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Guard.Anyone());

    public static TBuilder ForSignedIn<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Guard.SignedIn());

    public static TBuilder RequirePermission<TBuilder>(this TBuilder route, Permission permission) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Guard.Member(permission));

    public static TBuilder ForKeys<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Guard.Key());
}
