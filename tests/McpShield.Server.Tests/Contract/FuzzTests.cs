using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Data.Billing;

namespace McpShield.Server.Tests.Contract;

/// <summary>Whatever is sent, the API answers as it said it would, and never fails.</summary>
public sealed class FuzzTests(ShieldServer server)
{
    // As many requests for each operation as CI has time for; more where somebody asks for it.
    private static readonly int Each = int.Parse(Environment.GetEnvironmentVariable("MCPSHIELD_API_FUZZ") ?? "40", CultureInfo.InvariantCulture);

    private const int AtOnce = 4;
    private const int MostFindings = 5;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_makes_the_API_fail_or_answer_what_it_does_not_declare()
    {
        using var visitor = server.Visitor();
        var description = await ApiDescription.ReadAsync(visitor, Ct);
        var findings = new ConcurrentBag<string>();
        var asked = 0;
        await Parallel.ForEachAsync(description.Operations, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ct }, async (operation, _) =>
        {
            foreach (var finding in await FindingsAsync(description, operation)) findings.Add(finding);
            Interlocked.Increment(ref asked);
        });

        // Which operations there are, ApiDocumentTests compares with the routes: none is exempt here.
        Assert.Equal(description.Operations.Count, asked);
        Assert.True(findings.IsEmpty, string.Join('\n', findings));
    }

    private async Task<List<string>> FindingsAsync(ApiDescription description, ApiOperation operation)
    {
        // Each operation has people of its own: some of them end accounts and sessions.
        var ada = await server.SignInAsync("fuzz", Ct, Plan.Pro);
        var project = await ada.Api.Projects.CreateAsync(new("fuzzed"), Ct);
        var key = await server.GiveKeyAsync(project.Id, Ct);
        var known = new Dictionary<string, string>(StringComparer.Ordinal) { ["projectId"] = project.Id.ToString("D"), ["project_id"] = project.Id.ToString("D"), ["organization_id"] = ada.OrganizationId.ToString("D"), ["userId"] = ada.UserId.ToString("D"), ["version"] = "1" };
        var findings = new List<string>();
        for (var number = 0; number < Each && findings.Count < MostFindings; number++)
        {
            var maker = new RequestMaker(description, (uint)(StableHash(operation.Id) + number));
            var path = maker.Path(operation, known);
            var body = maker.Body(operation);
            using var request = new HttpRequestMessage(operation.Method, path);
            if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, number % 17 == 16 ? "text/plain" : "application/json");
            if (operation.NeedsKey) request.Headers.Add("X-API-Key", key);
            request.Headers.Authorization = operation.NeedsUser ? ada.Http.DefaultRequestHeaders.Authorization : null;
            using var http = server.Visitor();
            http.Timeout = TimeSpan.FromSeconds(60);
            using var answer = await AnswerAsync(http, request);
            if (answer is null) findings.Add($"{operation.Method} {path} {Short(body)}: no answer");
            else if (await ProblemAsync(description, operation, answer) is { } problem) findings.Add($"{operation.Method} {path} {Short(body)}: {problem}");
        }

        return findings;
    }

    private static async Task<HttpResponseMessage?> AnswerAsync(HttpClient http, HttpRequestMessage request)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        }
        catch (TaskCanceledException) when (!Ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<string?> ProblemAsync(ApiDescription description, ApiOperation operation, HttpResponseMessage answer)
    {
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        if ((int)answer.StatusCode >= 500) return $"{status} {await answer.Content.ReadAsStringAsync(Ct)}";

        // The web server itself refuses a path with NUL, before there is an API to ask.
        if (answer.StatusCode is HttpStatusCode.BadRequest && answer.RequestMessage!.RequestUri!.OriginalString.Contains("%00", StringComparison.Ordinal)) return null;

        // What is no path of the API at all is not the operation's to declare.
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed && !operation.Statuses.Contains(status)) return await IsOtherRouteAsync(answer) ? null : $"{status} is not declared";
        if (!operation.Statuses.Contains(status)) return $"{status} is not declared: {await answer.Content.ReadAsStringAsync(Ct)}";
        if ((int)answer.StatusCode < 400) return answer.Content.Headers.ContentType?.MediaType == "application/json" ? Described(description, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct)), operation.Answer(status)!["content"]?["application/json"]?["schema"]) : null;
        if (answer.Content.Headers.ContentType is not MediaTypeHeaderValue { MediaType: "application/problem+json" }) return $"{status} is no problem document but {answer.Content.Headers.ContentType}";
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        if (!operation.Codes(status).Contains((string?)problem["code"], StringComparer.Ordinal)) return $"{status} `{problem["code"]}` is not declared: {problem.ToJsonString()}";
        return Described(description, problem, operation.Answer(status)!["content"]!["application/problem+json"]!["schema"]);
    }

    private static string? Described(ApiDescription description, JsonNode? body, JsonNode? schema) => new SchemaCheck(description).Findings(body, schema) is { Count: > 0 } findings ? string.Join("; ", findings) : null;

    private static async Task<bool> IsOtherRouteAsync(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.MethodNotAllowed || (await answer.Content.ReadAsStringAsync(Ct)).Contains("route.not-found", StringComparison.Ordinal);

    private static string Short(string? body) => body is null ? "" : body.Length <= 300 ? body : body[..300] + "…";

    private static int StableHash(string text) => text.Aggregate(17, static (hash, unit) => unchecked((hash * 31) + unit)) & 0xFFFFFF;
}
