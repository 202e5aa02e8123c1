using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Data.Billing;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Contract;

/// <summary>Every operation that takes an <c>Idempotency-Key</c> keeps what that promises.</summary>
public sealed class IdempotencyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_request_gets_the_same_answer_and_another_one_is_refused()
    {
        foreach (var operation in await RetryableAsync())
        {
            var ada = await Household.FoundAsync(server, "ada", Ct, operation.Id == "billing.subscribe" ? Plan.Free : Plan.Pro);
            var (path, body) = (await ada.PathAsync(operation.Path, Ct), Body(operation));
            using var first = await SendAsync(ada, operation, path, body, "k1");
            using var again = await SendAsync(ada, operation, path, body, "k1");
            using var other = await SendAsync(ada, operation, path, body + " ", "k1");

            Assert.True(first.IsSuccessStatusCode, $"{operation}: {await first.Content.ReadAsStringAsync(Ct)}");
            Assert.Equal((first.StatusCode, await first.Content.ReadAsStringAsync(Ct)), (again.StatusCode, await again.Content.ReadAsStringAsync(Ct)));
            Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"));
            await other.IsProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency.reused", Ct);
        }
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        foreach (var operation in await RetryableAsync())
        {
            using var answer = await SendAsync(ada, operation, await ada.PathAsync(operation.Path, Ct), Body(operation), new('k', 129));
            await answer.IsProblemAsync(HttpStatusCode.BadRequest, "idempotency.key", Ct);
        }
    }

    [Fact]
    public async Task While_it_is_carried_out_the_same_request_waits()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        const string Body = """{"name":"slow"}""";
        var hash = SHA256.HashData([.. "\n"u8, .. SHA256.HashData(Encoding.UTF8.GetBytes(Body))]);
        await server.Services.GetRequiredService<EphemeralStores>().Idempotency.BeginAsync($"user {ada.Owner.UserId:N} POST /projects", "k1", hash, Ct);

        using var answer = await SendAsync(ada, (await RetryableAsync()).Single(static one => one.Id == "projects.create"), "/projects", Body, "k1");

        await answer.IsProblemAsync(HttpStatusCode.Conflict, "idempotency.in-progress", Ct);
    }

    [Fact]
    public async Task The_same_request_about_another_organization_is_another_request()
    {
        var (ada, bob) = (await Household.FoundAsync(server, "ada", Ct), await Household.FoundAsync(server, "bob", Ct));
        await server.JoinAsync(ada.Owner, bob.Owner, "developer", Ct);
        var operation = (await RetryableAsync()).Single(static one => one.Id == "projects.create");
        using var first = await SendAsync(ada, operation, "/projects", """{"name":"twin"}""", "k1");
        using var other = await SendAsync(ada, operation, $"/projects?organization_id={bob.Owner.OrganizationId:D}", """{"name":"twin"}""", "k1");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        await other.IsProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency.reused", Ct);
    }

    [Fact]
    public async Task A_large_request_may_carry_a_key_too()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        var events = new JsonArray([.. Enumerable.Range(0, 200).Select(static _ => new JsonObject { ["tool"] = "fs.read", ["metadata"] = new JsonObject { ["text"] = new string('x', 12_000) } })]);
        var operation = (await RetryableAsync()).Single(static one => one.Id == "events.ingest");

        using var answer = await SendAsync(ada, operation, "/events/ingest", new JsonObject { ["events"] = events }.ToJsonString(), "k1");

        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Ct));
    }

    private static string Body(ApiOperation operation) => operation.BodyExamples.FirstOrDefault()?.ToJsonString() ?? "";

    private async Task<HttpResponseMessage> SendAsync(Household home, ApiOperation operation, string path, string body, string key)
    {
        using var http = server.Visitor();
        http.DefaultRequestHeaders.Add(Idempotency.Header, key);
        var answer = await home.SendAsync(operation, path, Answers.Json(body), Ct, http);
        await answer.Content.LoadIntoBufferAsync(Ct);
        return answer;
    }

    private async Task<List<ApiOperation>> RetryableAsync()
    {
        using var visitor = server.Visitor();
        var retryable = (await ApiDescription.ReadAsync(visitor, Ct)).Operations.Where(static operation => operation.Parameters.Any(static parameter => (string?)parameter["name"] == Idempotency.Header)).ToList();
        Assert.NotEmpty(retryable);
        return retryable;
    }
}
