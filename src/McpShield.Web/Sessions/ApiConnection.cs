using McpShield.Web.Hosting;

namespace McpShield.Web.Sessions;

/// <summary>The way to the API, shared by all visitors; what belongs to one of them is said anew by each client.</summary>
internal sealed class ApiConnection(WebOptions options) : IDisposable
{
    private const string TokenHeader = "X-Web-Api-Token";
    private const string AddressHeader = "X-Visitor-Address";

    private readonly SocketsHttpHandler handler = new()
    {
        // INVARIANT: no cookies. The API sets some, and they would be sent along for the next visitor.
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // follows changes of the API's address
    };

    /// <summary>A client for a visitor who has no session, or is about to have another.</summary>
    public HttpClient Open(VisitorOrigin origin)
    {
        var client = Client(handler);
        foreach (var (name, value) in Introduction(origin)) client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        return client;
    }

    /// <summary>A client whose requests <paramref name="session"/> introduces.</summary>
    public HttpClient Open(SessionHandler session)
    {
        session.InnerHandler = handler;
        return Client(session);
    }

    /// <summary>Says for whom a request is, and proves that this host may say it.</summary>
    public void Introduce(HttpRequestMessage request, VisitorOrigin origin)
    {
        foreach (var (name, value) in Introduction(origin)) request.Headers.TryAddWithoutValidation(name, value);
    }

    private HttpClient Client(HttpMessageHandler way) => new(way, disposeHandler: false) { BaseAddress = options.ApiUrl, Timeout = TimeSpan.FromSeconds(30) };

    private IEnumerable<(string Name, string Value)> Introduction(VisitorOrigin origin)
    {
        yield return (TokenHeader, options.Settings.WebApiToken);
        if (origin.Address is { } address) yield return (AddressHeader, address);
        if (origin.UserAgent is { } agent) yield return ("User-Agent", agent);
    }

    public void Dispose() => handler.Dispose();
}
