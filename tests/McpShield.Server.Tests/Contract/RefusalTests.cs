using System.Net;
using McpShield.Data.Organizations;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Contract;

/// <summary>Every no that every endpoint must say, asked of the list of endpoints itself: one that is new is asked, too.</summary>
public sealed class RefusalTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_token_or_key_that_is_good_nobody_gets_in()
    {
        using var http = server.Visitor();
        foreach (var door in Doors().Where(static door => door.Guard is not Guard.Anyone))
        {
            var code = door.Guard is Guard.Key ? "key.invalid" : "auth.required";
            foreach (var (header, value) in new[] { ("X-Nothing", "x"), ("Authorization", "Bearer abc.def.ghi"), ("X-API-Key", "mcps_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") })
            {
                using var request = new HttpRequestMessage(door.Method, Anything(door.Path));
                request.Headers.TryAddWithoutValidation(header, value);
                using var answer = await http.SendAsync(request, Ct);
                await IsRefusedAsync(door, answer, HttpStatusCode.Unauthorized, code);
                Assert.True(answer.Headers.WwwAuthenticate.Count == 1, $"{door}: no WWW-Authenticate");
            }
        }
    }

    [Fact]
    public async Task A_key_opens_nothing_of_people_and_a_token_nothing_of_programs()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        using var http = server.Visitor();
        foreach (var door in Doors().Where(static door => door.Guard is not Guard.Anyone))
        {
            using var request = new HttpRequestMessage(door.Method, Anything(door.Path));
            if (door.Guard is Guard.Key) request.Headers.Authorization = ada.Owner.Http.DefaultRequestHeaders.Authorization;
            else request.Headers.Add("X-API-Key", ada.Key);
            using var answer = await http.SendAsync(request, Ct);
            await IsRefusedAsync(door, answer, HttpStatusCode.Unauthorized, door.Guard is Guard.Key ? "key.invalid" : "auth.required");
        }
    }

    [Fact]
    public async Task Whose_role_lacks_the_permission_is_refused_whatever_they_send()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        foreach (var role in Enum.GetValues<Role>())
        {
            if (role is Role.Owner) continue;
            var member = await server.ColleagueAsync(ada.Owner, "member", role.ToString(), Ct);
            foreach (var door in Doors().Where(door => door.Guard is Guard.Member member && !role.May(member.Permission)))
            {
                using var request = new HttpRequestMessage(door.Method, About(door.Path, ada));
                using var answer = await member.Http.SendAsync(request, Ct);
                await IsRefusedAsync(door, answer, HttpStatusCode.Forbidden, "permission.missing");
            }
        }
    }

    [Fact]
    public async Task What_belongs_to_others_answers_as_if_it_did_not_exist()
    {
        var ada = await Household.FoundAsync(server, "ada", Ct);
        var eve = await Household.FoundAsync(server, "eve", Ct);
        var description = await ApiDescription.ReadAsync(eve.Owner.Http, Ct);
        foreach (var operation in description.Operations.Where(static operation => operation.NeedsUser))
        {
            foreach (var path in await ForeignPathsAsync(operation, ada, eve))
            {
                using var answer = await eve.SendAsync(operation, path, operation.BodyExamples.FirstOrDefault() is { } body ? Answers.Json(body.ToJsonString()) : null, Ct);
                Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{operation.Method} {path}: {(int)answer.StatusCode}");
                Assert.EndsWith(".not-found", (string?)(await answer.JsonAsync(Ct))["code"], StringComparison.Ordinal);
            }
        }
    }

    // A program's key names no project but its own; an own session or an own invitation is nobody else's: those are asked for by id.
    private static async Task<List<string>> ForeignPathsAsync(ApiOperation operation, Household ada, Household eve)
    {
        var paths = new List<string>();
        var ids = Household.Names(operation.Path).Where(static name => name is not ("projectId" or "version")).ToList();
        if (operation.Path.Contains("{projectId}", StringComparison.Ordinal)) paths.Add(await ada.PathAsync(operation.Path, Ct));
        else if (operation.Parameters.Any(static parameter => (string?)parameter["name"] == "organization_id")) paths.Add($"{await ada.PathAsync(operation.Path, Ct)}?organization_id={ada.Owner.OrganizationId:D}");
        if (ids.Count > 0)
        {
            var path = Household.Put(operation.Path, "projectId", eve.Project.Id.ToString("D"));
            foreach (var id in ids) path = Household.Put(path, id, await ada.HaveAsync(id, Ct));
            paths.Add(path);
        }

        return paths;
    }

    /// <summary>A door's path about nothing in particular.</summary>
    private static string Anything(string path) => Household.Names(path).Aggregate(path, static (text, name) => Household.Put(text, name, name == "version" ? "1" : "0199f5a0-0000-7000-8000-0000000000ff"));

    private static string About(string path, Household household)
    {
        var about = Anything(Household.Put(path, "projectId", household.Project.Id.ToString("D")));
        return path.Contains("{projectId", StringComparison.Ordinal) ? about : $"{about}?organization_id={household.Owner.OrganizationId:D}";
    }

    private static async Task IsRefusedAsync(DoorToTry door, HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        Assert.True(answer.StatusCode == status, $"{door}: {(int)answer.StatusCode} instead of {(int)status}");
        await answer.IsProblemAsync(status, code, Ct);
    }

    private IEnumerable<DoorToTry> Doors() => server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .SelectMany(static door => (door.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => new DoorToTry(new(method), door.RoutePattern.RawText!, door.Metadata.GetMetadata<Guard>())));

    private sealed record DoorToTry(HttpMethod Method, string Path, Guard? Guard)
    {
        public override string ToString() => $"{Method} {Path}";
    }
}
