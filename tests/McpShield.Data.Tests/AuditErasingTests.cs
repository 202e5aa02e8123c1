using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;

namespace McpShield.Data.Tests;

/// <summary>What must go goes, and the chain stays whole.</summary>
public abstract class AuditErasingTests(string kind) : AuditPlaceTests(kind)
{
    [Fact]
    public async Task Entries_before_the_cutoff_are_hidden_and_their_payloads_gone_and_the_chain_holds()
    {
        var records = Enumerable.Range(0, 10).Select(i => Place.Decision($"t.n{i}", message: $"message {i}")).ToList();
        await Place.WriteAsync([.. records, AuditPlace.Outcome(records[0], Audit.CallStatus.Failed), Place.Decision("other.project") with { ProjectId = AuditPlace.NewId(), Time = records[0].Time }]);
        var payloads = await Place.CountAsync("audit_payloads");

        var erased = await Place.Reader.EraseBeforeAsync(Place.Project, records[5].Time, batch: 2, Ct);

        Assert.Equal((6, payloads - 6), (erased, await Place.CountAsync("audit_payloads")));
        Assert.Equal(["t.n9", "t.n8", "t.n7", "t.n6", "t.n5", "other.project"], (await ListAsync()).Select(static one => one.Tool));
        Assert.Null(await Place.Reader.FindAsync(Place.Organization, records[4].CallId, Ct));
        Assert.Empty(await ListAsync(Place.Query with { Text = "message 4" }));
        Assert.Single(await ListAsync(Place.Query with { Text = "message 5" }));
        Assert.Equal(0, await Place.CountAsync("audit_names WHERE folded LIKE '%message 4%'"));
        Assert.Equal(6, await Place.CountAsync("audit_events"));
        Assert.Equal(new(1, 14, null), await Place.Reader.VerifyAsync(null, Ct));
    }

    [Fact]
    public async Task Erasing_again_erases_nothing_more_and_an_earlier_cutoff_shows_nothing_again()
    {
        var records = Enumerable.Range(0, 6).Select(_ => Place.Decision()).ToList();
        await Place.WriteAsync([.. records]);
        await Place.Reader.EraseBeforeAsync(Place.Project, records[3].Time, batch: 100, Ct);

        Assert.Equal(0, await Place.Reader.EraseBeforeAsync(Place.Project, records[3].Time, batch: 100, Ct));
        Assert.Equal(0, await Place.Reader.EraseBeforeAsync(Place.Project, records[1].Time, batch: 100, Ct));
        Assert.Equal(3, (await ListAsync()).Count);
        Assert.Equal(1, await Place.Reader.EraseBeforeAsync(Place.Project, records[4].Time, batch: 100, Ct));
    }

    [Fact]
    public async Task Nothing_of_a_deleted_project_is_left_but_its_envelopes()
    {
        var kept = Place.Decision("kept.one") with { ProjectId = AuditPlace.NewId() };
        await Place.WriteAsync(Place.Decision("gone.one", Outcome.Deny), Place.Action(), kept);

        Assert.Equal(2, await Place.Reader.EraseProjectAsync(Place.Project, batch: 1, Ct));

        Assert.Equal(["kept.one"], (await ListAsync()).Select(static one => one.Tool));
        Assert.Equal(0, await Place.CountAsync("audit_names WHERE tool = 'gone.one'"));
        Assert.Null((await Place.Reader.VerifyAsync(null, Ct)).Fault);
        Assert.Null((await Place.Reader.VerifyAsync(Place.Organization, Ct)).Fault);
    }

    [Fact]
    public async Task Nothing_of_a_deleted_organization_is_left_and_others_keep_theirs()
    {
        var (stranger, theirs) = (AuditPlace.NewId(), Place.Action("theirs.done") with { ProjectId = Guid.Empty });
        await Place.WriteAsync(Place.Decision(), Place.Action() with { ProjectId = Guid.Empty }, theirs with { OrganizationId = stranger });

        Assert.Equal(2, await Place.Reader.EraseOrganizationAsync(Place.Organization, batch: 10, Ct));

        Assert.Empty(await ListAsync());
        Assert.Single(await ListAsync(new() { Scope = AuditScope.Of(stranger) }));
        await Assert.ThrowsAsync<ArgumentException>(() => Place.Reader.EraseProjectAsync(Guid.Empty, batch: 10, Ct));
    }
}

public sealed class SqliteAuditErasingTests() : AuditErasingTests("SQLite");

public sealed class PostgresAuditErasingTests() : AuditErasingTests("PostgreSQL");
