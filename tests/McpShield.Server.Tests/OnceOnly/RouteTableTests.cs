using McpShield.Server.Hosting;
using McpShield.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.OnceOnly;

/// <summary>The approved file is the map a security reviewer reads: one line a door, with its lock.</summary>
public sealed class RouteTableTests(ShieldServer server)
{
    [Fact]
    public void Every_route_and_its_guard_is_reviewed() => Approved.Matches(
        string.Join('\n', Doors().Select(static door => $"{Verbs(door),-7} {door.RoutePattern.RawText,-60} {Locks(door)}").Order(StringComparer.Ordinal)),
        "tests/McpShield.Server.Tests/OnceOnly/routes.approved.txt");

    [Fact]
    public void Every_route_has_exactly_one_guard() => Assert.All(Doors(), static door => Assert.Single(door.Metadata.OfType<Guard>()));

    private IEnumerable<RouteEndpoint> Doors() => server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static string Verbs(RouteEndpoint door) => string.Join(',', door.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"]);

    private static string Locks(RouteEndpoint door) => door.Metadata.OfType<Guard>().ToList() is [var one] ? one.ToString()! : "!! NOT ONE GUARD";
}
