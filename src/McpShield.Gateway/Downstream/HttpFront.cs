using System.Text;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Downstream;

/// <summary>Agents over Streamable HTTP, both eras on one endpoint.</summary>
/// <remarks>
/// The order is fixed: where from, who, which form, then what. Nothing of a message is looked at before its sender is known, and
/// whatever an authenticated agent sends that is refused is on record.
/// </remarks>
public sealed partial class HttpFront : IDisposable
{
    private const string SessionHeader = "Mcp-Session-Id";
    private readonly HttpFrontOptions options;
    private readonly TimeProvider clock;
    private readonly AgentSessions sessions;
    private readonly ILogger logger;

    /// <summary>Creates it.</summary>
    public HttpFront(HttpFrontOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        (this.options, this.clock) = (options, clock);
        sessions = new(clock);
        logger = loggers.CreateLogger<HttpFront>();
    }

    /// <inheritdoc/>
    public void Dispose() => sessions.Dispose();

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpRequestRules.IsFromElsewhere(request, options))
        {
            await Problems.WriteAsync(context.Response, StatusCodes.Status403Forbidden, "origin_not_allowed", "This address or origin may not call the gateway. Call it by a configured host name, and not from another site's page.");
            return;
        }

        if (options.Authenticate(context) is not { } agent)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"mcpshield\"";
            await Problems.WriteAsync(context.Response, StatusCodes.Status401Unauthorized, "unauthenticated", "The API key is missing, wrong or revoked. Send it as `X-API-Key: mcps_…` or `Authorization: Bearer mcps_…`.");
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, options.Stopping);
        try
        {
            await (request.Method switch
            {
                "POST" => PostAsync(context, agent, ending.Token),
                "GET" when !IsModern(request) => ListenAsync(context, agent, ending),
                "DELETE" when !IsModern(request) => EndAsync(context, agent),
                _ => MethodNotAllowedAsync(context, IsModern(request) ? "POST" : "POST, GET, DELETE"),
            });
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The agent hung up, or the host stops: there is nobody to answer.
        }
        catch (Exception bug) when (!context.Response.HasStarted)
        {
            Log.RequestFailed(logger, bug);
            using var reply = RpcReply.Error(default, RpcError.Internal("The gateway failed; the operator's log says how"));
            await WriteAsync(context.Response, reply, StatusCodes.Status500InternalServerError, CancellationToken.None);
        }
    }

    private async Task PostAsync(HttpContext context, Agent agent, CancellationToken ct)
    {
        var accepts = HttpRequestRules.Accepts(context.Request);
        if (!HttpRequestRules.IsJson(context.Request))
        {
            await RefuseAsync(context, agent, RpcError.InvalidRequest("the body must be application/json"), StatusCodes.Status415UnsupportedMediaType, ct);
            return;
        }

        if (!accepts.Json)
        {
            await RefuseAsync(context, agent, RpcError.InvalidRequest("Accept must name application/json (and text/event-stream)"), StatusCodes.Status406NotAcceptable, ct);
            return;
        }

        using var body = new PooledBuffer(4 * 1024);
        if (!await TryReadBodyAsync(context.Request, body, ct))
        {
            await RefuseAsync(context, agent, RpcError.InvalidRequest($"a message is at most {JsonLimits.Message.MaxBytes} bytes"), StatusCodes.Status413PayloadTooLarge, ct);
            return;
        }

        if (!JsonTree.TryRead(body.Written, JsonLimits.Message, out var tree, out var fault))
        {
            var error = fault.Kind is JsonFaultKind.NotJson or JsonFaultKind.NotUtf8 ? RpcError.NotJson(fault.Message) : RpcError.InvalidRequest(fault.Message);
            await RefuseAsync(context, agent, error, StatusCodes.Status400BadRequest, ct);
            return;
        }

        using (tree)
        {
            if (RpcMessage.TryParse(tree!.Root, out var message, out var problem)) await TakeAsync(context, agent, message, accepts.Events, ct);
            else await RefuseAsync(context, agent, problem!, StatusCodes.Status400BadRequest, ct, id: UsableId(tree.Root["id"u8]));
        }
    }

    private Task TakeAsync(HttpContext context, Agent agent, RpcMessage message, bool acceptsEvents, CancellationToken ct)
    {
        var headers = context.Request.Headers;
        if (headers[HttpRequestRules.VersionHeader] is [{ } version] && !McpRevisions.IsKnown(version))
        {
            return RefuseAsync(context, agent, RpcError.UnsupportedVersion(version.Length <= 64 ? version : version[..64]), StatusCodes.Status400BadRequest, ct, message);
        }

        // SPEC: 2026-07-28, versioning: a request of the stateless era says so in its header and in its metadata.
        return IsModern(context.Request) || message.Meta["io.modelcontextprotocol/protocolVersion"u8].Exists
            ? TakeModernAsync(context, agent, message, acceptsEvents, ct)
            : TakeLegacyAsync(context, agent, message, acceptsEvents, ct);
    }

    private async Task TakeModernAsync(HttpContext context, Agent agent, RpcMessage message, bool acceptsEvents, CancellationToken ct)
    {
        if (message.Kind is RpcKind.Response)
        {
            await RefuseAsync(context, agent, RpcError.InvalidRequest("the gateway asked nothing that could be answered"), StatusCodes.Status400BadRequest, ct);
            return;
        }

        if (HttpRequestRules.HeaderProblem(context.Request.Headers, message) is { } mismatch)
        {
            await RefuseAsync(context, agent, mismatch, StatusCodes.Status400BadRequest, ct, message);
            return;
        }

        if (message.Kind is RpcKind.Notification)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        var exchange = new Exchange(McpRevisions.Modern, AgentRequests.ClientName(message.Meta["io.modelcontextprotocol/clientInfo"u8]));
        if (RequestMeta.Problem(message.Meta) is { } problem)
        {
            await RefuseAsync(context, agent, problem, StatusCodes.Status400BadRequest, ct, message);
            return;
        }

        if (McpMethods.Find(message, modern: true) is McpOperation.Listen)
        {
            if (acceptsEvents) await SubscribeAsync(context, agent, message, ct);
            else await RefuseAsync(context, agent, RpcError.InvalidRequest("Accept must name text/event-stream"), StatusCodes.Status406NotAcceptable, ct, message);
            return;
        }

        await AnswerAsync(context, agent, message, exchange, acceptsEvents, ct);
    }

    private async Task TakeLegacyAsync(HttpContext context, Agent agent, RpcMessage message, bool acceptsEvents, CancellationToken ct)
    {
        if (McpMethods.Find(message, modern: false) is McpOperation.Initialize)
        {
            await OpenAsync(context, agent, message, ct);
            return;
        }

        if (FindSession(context, agent, out var refusal) is not { } session)
        {
            await RefuseAsync(context, agent, RpcError.InvalidRequest(refusal.Why), refusal.Status, ct, message);
            return;
        }

        if (context.Request.Headers[HttpRequestRules.VersionHeader] is { Count: > 0 } versions && (versions.Count > 1 || versions[0] != session.Exchange.Revision))
        {
            await RefuseAsync(context, agent, RpcError.InvalidRequest($"{HttpRequestRules.VersionHeader} is not the revision of this session"), StatusCodes.Status400BadRequest, ct, message);
            return;
        }

        if (message.Kind is not RpcKind.Request)
        {
            if (message.Kind is RpcKind.Response) session.Exchange.Askable?.Take(message);
            else if (McpMethods.Find(message, modern: false) is McpOperation.Cancel && message.Params["requestId"u8] is { Exists: true } id && session.Running.TryGetValue(Text(id), out var call)) await call.CancelAsync();
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var key = Text(message.Id);
        if (!session.Running.TryAdd(key, cancelling))
        {
            await RefuseAsync(context, agent, RpcError.InvalidRequest("a request with this id is still running"), StatusCodes.Status400BadRequest, ct, message);
            return;
        }

        try
        {
            await AnswerAsync(context, agent, message, session.Exchange, acceptsEvents, cancelling.Token);
        }
        catch (OperationCanceledException) when (cancelling.IsCancellationRequested && !ct.IsCancellationRequested && !context.Response.HasStarted)
        {
            // SPEC: a cancelled request gets no answer; over HTTP something must end the exchange.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        finally
        {
            session.Running.TryRemove(key, out _);
        }
    }

    private async Task AnswerAsync(HttpContext context, Agent agent, RpcMessage message, Exchange exchange, bool acceptsEvents, CancellationToken ct)
    {
        var stream = acceptsEvents && (message.Meta["progressToken"u8].Exists || exchange.Askable is not null) ? new EventStream(context.Response, clock) : null;
        var answering = AgentRequests.HandleAsync(agent, message, exchange, stream, ct);
        try
        {
            // One JSON document, unless the call reports progress or asks something before it ends: then events.
            var streams = stream is not null && await stream.RelayAsync(answering, ct);
            using var reply = await answering;
            if (streams) await stream!.WriteAsync(reply.Json, ct);
            else await WriteAsync(context.Response, reply, exchange.IsModern ? (int)reply.Status : StatusCodes.Status200OK, ct);
        }
        finally
        {
            // INVARIANT: the message stays alive until nobody looks at it.
            await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task OpenAsync(HttpContext context, Agent agent, RpcMessage message, CancellationToken ct)
    {
        var (reply, exchange) = AgentRequests.Initialize(agent, message);
        using (reply)
        {
            if (sessions.Open(agent.Principal.Key, exchange) is not { } session)
            {
                context.Response.Headers.RetryAfter = "60";
                await RefuseAsync(context, agent, RpcError.Internal("Too many sessions are open; try again in a minute"), StatusCodes.Status503ServiceUnavailable, ct, message);
                return;
            }

            context.Response.Headers[SessionHeader] = session.Id;
            await WriteAsync(context.Response, reply, StatusCodes.Status200OK, ct);
        }
    }

    private async Task ListenAsync(HttpContext context, Agent agent, CancellationTokenSource ending)
    {
        if (FindSession(context, agent, out var refusal) is not { } session)
        {
            await Problems.WriteAsync(context.Response, refusal.Status, "session", refusal.Why);
            return;
        }

        if (!HttpRequestRules.Accepts(context.Request).Events)
        {
            await Problems.WriteAsync(context.Response, StatusCodes.Status406NotAcceptable, "not_acceptable", "Accept must name text/event-stream.");
            return;
        }

        session.Listen(ending);
        try
        {
            var stream = new EventStream(context.Response, clock);
            using var changes = agent.Project.OnToolsChanged(() => stream.Post(Notifications.ToolsChanged));
            await stream.ServeAsync(ending.Token);
        }
        finally
        {
            session.StopListening(ending);
        }
    }

    private async Task SubscribeAsync(HttpContext context, Agent agent, RpcMessage message, CancellationToken ct)
    {
        var (stream, changed) = (new EventStream(context.Response, clock), Notifications.ToolsChangedOn(message.Id));
        stream.Post(Notifications.Acknowledged(message.Id));
        using var changes = agent.Project.OnToolsChanged(() => stream.Post(changed));
        await stream.ServeAsync(ct);
    }

    private async Task EndAsync(HttpContext context, Agent agent)
    {
        if (FindSession(context, agent, out var refusal) is not { } session)
        {
            await Problems.WriteAsync(context.Response, refusal.Status, "session", refusal.Why);
            return;
        }

        sessions.Close(session);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task MethodNotAllowedAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return Problems.WriteAsync(context.Response, StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"Use {allowed}.");
    }

    // SPEC: 2025-11-25 transports, "Session Management": without an id 400; an id that is not (any more) known 404, and the client starts anew.
    private AgentSession? FindSession(HttpContext context, Agent agent, out (int Status, string Why) refusal)
    {
        refusal = (StatusCodes.Status404NotFound, "the session is unknown or over; send initialize again");
        if (context.Request.Headers[SessionHeader] is [{ Length: > 0 } id]) return sessions.Find(id, agent.Principal.Key);
        refusal = (StatusCodes.Status400BadRequest, $"{SessionHeader} is missing; send initialize first");
        return null;
    }

    private static async Task RefuseAsync(HttpContext context, Agent agent, RpcError error, int status, CancellationToken ct, RpcMessage? message = null, JsonView id = default)
    {
        var exchange = new Exchange(IsModern(context.Request) ? McpRevisions.Modern : null, null);
        using var reply = RpcReply.Error(message?.Id ?? id, error);
        await agent.Project.Pipeline.RefuseMessageAsync(agent, exchange, message?.Method, error.Message, reply, ct);
        await WriteAsync(context.Response, reply, status, ct);
    }

    private static async Task WriteAsync(HttpResponse response, RpcReply reply, int status, CancellationToken ct)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = reply.Json.Length;
        response.Headers.CacheControl = "no-store";
        await response.Body.WriteAsync(reply.Json, ct);
    }

    private static async Task<bool> TryReadBodyAsync(HttpRequest request, PooledBuffer body, CancellationToken ct)
    {
        if (request.ContentLength > JsonLimits.Message.MaxBytes) return false;
        while (true)
        {
            var read = await request.Body.ReadAsync(body.GetMemory(4 * 1024), ct);
            if (read == 0) return true;
            body.Advance(read);
            if (body.Written.Length > JsonLimits.Message.MaxBytes) return false;
        }
    }

    private static bool IsModern(HttpRequest request) => request.Headers[HttpRequestRules.VersionHeader] is [{ } version] && McpRevisions.IsModern(version);

    private static JsonView UsableId(JsonView id) => id.Kind is JsonKind.String or JsonKind.Number && id.Raw.Length <= 256 ? id : default;

    private static string Text(JsonView id) => Encoding.UTF8.GetString(id.Raw);

    private static partial class Log
    {
        [LoggerMessage(301, LogLevel.Error, "A request failed inside the gateway")]
        public static partial void RequestFailed(ILogger logger, Exception bug);
    }
}
