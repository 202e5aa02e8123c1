using System.Net;
using McpShield.Server.Tests.Auth;
using McpShield.Server.Tests.Billing;

namespace McpShield.Server.Tests.Contract;

/// <summary>Every operation that says it answers so many times only does stop.</summary>
public sealed class TooManyTests(ShieldServer server)
{
    private const int MostTries = 80;

    // Of a whole plan: QuotaTests.
    private static readonly string[] Elsewhere = ["events.ingest"];

    // What counts wrong passwords can be asked by somebody who has one.
    private static readonly string[] OfPasswords = ["me.delete", "me.password"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Limited => [.. LimitedOperations];

    private static readonly string[] LimitedOperations =
    [
        "auth.device.confirm", "auth.device.get", "auth.login", "auth.otp.request", "auth.register", "me.delete", "me.export", "me.password", "members.invite", "policies.diff", "policies.simulate", "policies.try",
        "policies.validate",
    ];

    [Fact]
    public async Task Every_operation_that_names_a_limit_is_tried()
    {
        using var visitor = server.Visitor();
        var named = (await ApiDescription.ReadAsync(visitor, Ct)).Operations.Where(static operation => operation.Codes("429").Any(static code => code != "requests.too-many")).Select(static operation => operation.Id);
        Assert.Equal([.. LimitedOperations.Concat(Elsewhere).Order(StringComparer.Ordinal)], named.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Limited))]
    public async Task Whoever_asks_too_often_is_told_to_wait(string id)
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        var operation = (await ApiDescription.ReadAsync(ada.Owner.Http, Ct)).Operations.Single(one => one.Id == id);
        var user = OfPasswords.Contains(id, StringComparer.Ordinal) ? (await server.EnterAsync(Ct)).Http.DefaultRequestHeaders.Authorization : operation.NeedsUser ? ada.Owner.Http.DefaultRequestHeaders.Authorization : null;
        var body = operation.BodyExamples.FirstOrDefault()?.DeepClone();
        if (body?["email"] is not null) body["email"] = $"{Guid.CreateVersion7(server.Now()):N}@example.com";
        var path = (await ada.PathAsync(operation.Path, Ct)) + (id == "auth.device.get" ? "?user_code=BCDF-GHJK" : "");
        using var http = server.Visitor();
        for (var tries = 0; tries < MostTries; tries++)
        {
            using var answer = await ada.SendAsync(operation, path, body is null ? null : Answers.Json(body.ToJsonString()), user, Ct, http);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                Assert.True((int)answer.StatusCode < 500, await answer.Content.ReadAsStringAsync(Ct));
                continue;
            }

            Assert.True(tries > 0, "the first is never too many");
            Assert.Contains((string?)(await answer.JsonAsync(Ct))["code"], operation.Codes("429").Where(static code => code != "requests.too-many"));
            Assert.True(answer.RetryAfter() > TimeSpan.Zero);
            return;
        }

        Assert.Fail($"{id} answered {MostTries} times");
    }
}
