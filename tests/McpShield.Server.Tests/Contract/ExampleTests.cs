using System.Globalization;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Contracts.Client;
using McpShield.Data.Billing;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using McpShield.Server.Tests.Auth;
using McpShield.Server.Tests.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Contract;

/// <summary>Every example of the description, sent as it stands there, is taken, and the answer is what the description says it is.</summary>
public sealed class ExampleTests(ShieldServer server)
{
    // Stripe's messages, where Stripe is configured: StripeWebhookTests.
    private static readonly string[] Elsewhere = ["billing.webhook"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_is_taken_and_answered_as_described()
    {
        using var visitor = server.Visitor();
        var description = await ApiDescription.ReadAsync(visitor, Ct);
        var findings = new List<string>();
        foreach (var operation in description.Operations.Where(static operation => !Elsewhere.Contains(operation.Id, StringComparer.Ordinal)))
        {
            foreach (var example in operation.BodyExamples.Append(null).Take(Math.Max(1, operation.BodyExamples.Count())))
            {
                var home = await Household.FoundAsync(server, "example", Ct, PlanFor(operation));
                var path = await home.PathAsync(operation.Path, Ct) + Query(operation);
                (path, var body) = await PrepareAsync(operation, home, path, example?.DeepClone());
                using var answer = await home.SendAsync(operation, path, body is null ? null : Answers.Json(body.ToJsonString()), Ct);
                if (await FindingAsync(description, operation, answer) is { } finding) findings.Add($"{operation.Id}: {finding}");
            }
        }

        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    // What can be bought is bought by somebody who does not have it yet.
    private static string PlanFor(ApiOperation operation) => operation.Id is "billing.subscribe" or "billing.preview" ? Plan.Free : Plan.Pro;

    private static string Query(ApiOperation operation)
    {
        var examples = operation.Parameters.Where(static parameter => (string?)parameter["in"] == "query" && parameter["example"] is not null)
            .Select(static parameter => $"{(string)parameter["name"]!}={Uri.EscapeDataString(parameter["example"]!.ToString())}").ToList();
        return examples.Count == 0 ? "" : "?" + string.Join('&', examples);
    }

    // Codes and tokens are no examples: what needs one is given one that is good.
    private async Task<(string Path, JsonNode? Body)> PrepareAsync(ApiOperation operation, Household home, string path, JsonNode? body)
    {
        switch (operation.Id)
        {
            case "auth.register" or "members.invite":
                body!["email"] = $"{Guid.CreateVersion7(server.Now()):N}@example.com";
                break;
            case "auth.otp.verify":
                var visitor = await server.RegisterAsync(Ct);
                (body!["email"], body["code"]) = (visitor.Email, await visitor.CodeAsync(Ct));
                break;
            case "auth.password.reset":
                body!["reset_token"] = await ResetTokenAsync();
                break;
            case "auth.login":
                (body!["email"], body["password"]) = ((await server.VerifyAsync(Ct)).Email, Account.Password);
                break;
            case "auth.refresh":
                body!["refresh_token"] = (await (await server.VerifyAsync(Ct)).SignInAsync(Ct)).RefreshToken;
                break;
            case "auth.device.get":
                path = $"{operation.Path}?user_code={(await BeginAsync()).UserCode}";
                break;
            case "auth.device.confirm":
                body!["user_code"] = (await BeginAsync()).UserCode;
                break;
            case "auth.device.token":
                var device = await BeginAsync();
                await home.Owner.Api.Auth.ConfirmDeviceAsync(new(device.UserCode), Ct);
                body!["device_code"] = device.DeviceCode;
                break;
            case "auth.link":
                body!["token"] = await server.Services.GetRequiredService<EphemeralStores>().Tickets.IssueAsync(FirstStart.SignInLink, home.Owner.UserId.ToString("D"), home.Owner.UserId.ToByteArray(), TimeSpan.FromHours(1), Ct);
                break;
            case "invitations.accept":
                var inviting = await Household.FoundAsync(server, "inviting", Ct);
                body!["invitation_id"] = (await inviting.Owner.Api.Organizations.InviteAsync(new(home.Owner.Email, "developer"), Ct)).Id.ToString("D");
                break;
        }

        return (path, body);
    }

    private async Task<string> ResetTokenAsync()
    {
        var account = await server.VerifyAsync(Ct);
        await account.Api.Auth.RequestOtpAsync(new(account.Email, OtpPurposes.ResetPassword), Ct);
        return (await account.Api.Auth.VerifyOtpAsync(new(account.Email, await account.CodeAsync(Ct), OtpPurposes.ResetPassword), Ct)).ResetToken!;
    }

    private async Task<DeviceResponse> BeginAsync()
    {
        using var program = server.Visitor();
        return await new ShieldClient(program).Auth.BeginDeviceAsync(Ct);
    }

    private static async Task<string?> FindingAsync(ApiDescription description, ApiOperation operation, HttpResponseMessage answer)
    {
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (!answer.IsSuccessStatusCode || !operation.Statuses.Contains(status)) return $"{status} {await answer.Content.ReadAsStringAsync(Ct)}";
        var type = answer.Content.Headers.ContentType?.MediaType;
        if (operation.Answer(status)?["content"] is not JsonObject contents) return type is null ? null : $"{status} with {type}, which is not described";
        if (type is null || contents[type] is not { } content) return $"{status} with {type ?? "nothing"} instead of {string.Join(" or ", contents.Select(static one => one.Key))}";
        if (type != "application/json") return null;
        var findings = new SchemaCheck(description).Findings(await answer.JsonAsync(Ct), content["schema"]);
        return findings.Count == 0 ? null : string.Join("; ", findings);
    }
}
