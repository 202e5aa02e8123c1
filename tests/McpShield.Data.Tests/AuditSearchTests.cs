using McpShield.Audit;
using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;

namespace McpShield.Data.Tests;

/// <summary>Entries are found by what they say, by those whose they are, and by nobody else.</summary>
public abstract class AuditSearchTests(string kind) : AuditPlaceTests(kind)
{
    [Fact]
    public async Task Every_filter_chooses_and_filters_join()
    {
        var other = AuditPlace.NewId();
        var records = new AuditRecord[]
        {
            Place.Decision("fs.read", agent: "cursor", key: "k1"),
            Place.Decision("fs.write", Outcome.Deny, rule: "no-writing", message: "Writing is not for agents", agent: "cursor", key: "k1"),
            Place.Decision("db.query", Outcome.Approve, rule: "ask", reason: Reason.ApprovalRequired, agent: "claude", key: "k2") with { ProjectId = other },
            Place.Decision("db.query", rule: "told") with { Source = DecisionSource.Reported },
            Place.Action("policy.replaced"),
        };
        await Place.WriteAsync(records);
        var all = Place.Query;

        Assert.Equal(["policy.replaced", "db.query", "db.query", "fs.write", "fs.read"], await NamesAsync(all));
        Assert.Equal(["fs.write"], await NamesAsync(all with { Decision = "deny" }));
        Assert.Equal(["db.query"], await NamesAsync(all with { Decision = "approve" }));
        Assert.Equal(["db.query", "fs.read"], await NamesAsync(all with { Decision = "allow" }));
        Assert.Equal(["db.query", "db.query"], await NamesAsync(all with { Tool = "db.query" }));
        Assert.Equal(["fs.write"], await NamesAsync(all with { Rule = "no-writing" }));
        Assert.Equal(["fs.write", "fs.read"], await NamesAsync(all with { Agent = "cursor" }));
        Assert.Equal(["db.query"], await NamesAsync(all with { KeyId = "k2" }));
        Assert.Equal(["db.query"], await NamesAsync(all with { Source = "reported" }));
        Assert.Equal(["db.query", "fs.write", "fs.read"], await NamesAsync(all with { Source = "enforced" }));
        Assert.Equal(["policy.replaced"], await NamesAsync(all with { Kind = "action" }));
        Assert.Equal(["db.query", "db.query", "fs.write", "fs.read"], await NamesAsync(all with { Kind = "decision" }));
        Assert.Equal(["db.query"], await NamesAsync(all with { Scope = AuditScope.Of(Place.Organization, [other]) }));
        Assert.Equal(["db.query", "fs.write"], await NamesAsync(all with { From = records[1].Time, To = records[3].Time }));
        Assert.Equal(["fs.write"], await NamesAsync(all with { Agent = "cursor", Decision = "deny" }));
        Assert.Empty(await NamesAsync(all with { Agent = "cursor", Tool = "db.query" }));
        Assert.Empty(await NamesAsync(all with { Tool = "no.such" }));
    }

    [Fact]
    public async Task A_text_is_found_in_tool_rule_agent_action_reason_and_message_whatever_its_case()
    {
        await Place.WriteAsync(
            Place.Decision("fs.read", agent: "cursor"),
            Place.Decision("fs.write", Outcome.Deny, rule: "no-writing", message: "100% not_for agents"),
            Place.Decision("db.query", Outcome.Deny, rule: "limit", reason: Reason.RateLimited),
            Place.Action("policy.replaced"));

        Assert.Equal(["fs.write", "fs.read"], await NamesAsync(Place.Query with { Text = "FS." }));
        Assert.Equal(["fs.write"], await NamesAsync(Place.Query with { Text = "No-Writing" }));
        Assert.Equal(["fs.read"], await NamesAsync(Place.Query with { Text = "curs" }));
        Assert.Equal(["policy.replaced"], await NamesAsync(Place.Query with { Text = "replaced" }));
        Assert.Equal(["db.query"], await NamesAsync(Place.Query with { Text = "rate_limited" }));
        Assert.Equal(["fs.write"], await NamesAsync(Place.Query with { Text = "100% NOT_FOR" }));
        Assert.Empty(await NamesAsync(Place.Query with { Text = "%" + "x" }));
        Assert.Equal(["fs.write"], await NamesAsync(Place.Query with { Text = "fs", Decision = "deny" }));
        Assert.Equal(["fs.write"], await NamesAsync(Place.Query with { Text = "writing", Tool = "fs.write" }));
        Assert.Empty(await NamesAsync(Place.Query with { Text = "writing", Tool = "fs.read" }));
    }

    [Fact]
    public async Task Pages_show_each_entry_once_while_new_ones_arrive()
    {
        await using var log = await Place.OpenAsync();
        var first = Enumerable.Range(0, 60).Select(i => Place.Decision($"t.n{i}")).ToList();
        // Many of one microsecond: the order must not depend on the time alone.
        foreach (var record in first) await log.CommitAsync(record with { Time = AuditPlace.Start.AddTicks(first.IndexOf(record) / 20) }, Ct);

        foreach (var query in new[] { Place.Query, Place.Query with { Agent = "agent" }, Place.Query with { Text = "t.n" } })
        {
            var (seen, cursor) = (new List<Guid>(), (string?)null);
            do
            {
                var page = await Place.Reader.ListAsync(query with { Limit = 7, Cursor = cursor, To = AuditPlace.Start.AddTicks(10_000) }, Ct);
                seen.AddRange(page.Entries.Select(static one => one.CallId));
                cursor = page.NextCursor;
                await log.CommitAsync(Place.Decision("new.er") with { Time = AuditPlace.Start.AddTicks(5_000) }, Ct);
            }
            while (cursor is not null);

            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Empty(first.Select(static one => one.CallId).Except(seen));
        }
    }

    [Fact]
    public async Task Many_names_are_searched_in_the_newest_entries_first_and_then_in_all()
    {
        await using var log = await Place.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => log.CommitAsync(Place.Decision($"many.n{i % 50}"), Ct).AsTask()));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => log.CommitAsync(Place.Decision("other.one"), Ct).AsTask()));

        var entries = new List<AuditEntry>();
        for (string? cursor = null; ;)
        {
            var page = await Place.Reader.ListAsync(Place.Query with { Text = "many.", Limit = 100, Cursor = cursor }, Ct);
            entries.AddRange(page.Entries);
            if ((cursor = page.NextCursor) is null) break;
        }

        Assert.Equal(300, entries.Select(static one => one.CallId).Distinct().Count());
        Assert.Equal(entries.OrderByDescending(static one => one.Time).Select(static one => one.CallId), entries.Select(static one => one.CallId));
    }

    [Fact]
    public async Task A_stranger_sees_nothing_whatever_it_asks()
    {
        var (decision, stranger) = (Place.Decision(), AuditPlace.NewId());
        await Place.WriteAsync(decision, Place.Action());

        foreach (var scope in new[] { AuditScope.Of(stranger), AuditScope.Of(stranger, [Place.Project]), AuditScope.Of(Guid.Empty), AuditScope.Of(Place.Organization, []) })
        {
            Assert.Empty(await ListAsync(new() { Scope = scope }));
            Assert.Empty(await ListAsync(new() { Scope = scope, Tool = "fs.read" }));
            Assert.Empty(await ListAsync(new() { Scope = scope, Text = "fs" }));
        }

        Assert.Null(await Place.Reader.FindAsync(stranger, decision.CallId, Ct));
        Assert.Equal(new(0, 0, null), await Place.Reader.VerifyAsync(stranger, Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64 !")]
    [InlineData("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_cursor_that_is_none_is_refused(string cursor)
    {
        Assert.Equal("cursor", (Place.Query with { Cursor = cursor }).Problem?.Parameter);
        await Assert.ThrowsAsync<ArgumentException>(() => Place.Reader.ListAsync(Place.Query with { Cursor = cursor }, Ct));
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_filters()
    {
        await Place.WriteAsync(Place.Decision(), Place.Decision());
        var page = await Place.Reader.ListAsync(Place.Query with { Limit = 1 }, Ct);

        Assert.Null((Place.Query with { Cursor = page.NextCursor, Limit = 2 }).Problem);
        Assert.Equal("cursor", (Place.Query with { Cursor = page.NextCursor, Tool = "fs.read" }).Problem?.Parameter);
        Assert.Equal("cursor", (Place.Query with { Cursor = page.NextCursor, Scope = AuditScope.Of(AuditPlace.NewId()) }).Problem?.Parameter);
    }

    [Fact]
    public void Filters_out_of_their_lists_are_named()
    {
        Assert.Equal("limit", (Place.Query with { Limit = 0 }).Problem?.Parameter);
        Assert.Equal("limit", (Place.Query with { Limit = 201 }).Problem?.Parameter);
        Assert.Equal("decision", (Place.Query with { Decision = "maybe" }).Problem?.Parameter);
        Assert.Equal("kind", (Place.Query with { Kind = "outcome" }).Problem?.Parameter);
        Assert.Equal("source", (Place.Query with { Source = "simulated" }).Problem?.Parameter);
    }

    [Fact]
    public async Task The_whole_story_of_a_call_is_told()
    {
        var decision = Place.Decision();
        await Place.WriteAsync(decision, AuditPlace.Outcome(decision, CallStatus.TimedOut));

        var story = (await Place.Reader.FindAsync(Place.Organization, decision.CallId, Ct))!;

        Assert.Equal(("timed_out", 2L, 64), (story.Entry.Status, story.Seq, story.Link.Length));
        Assert.Contains("\"arguments\":{\"path\":\"/a\"}", story.Payload, StringComparison.Ordinal);
        Assert.Contains("it broke", story.OutcomePayload, StringComparison.Ordinal);
        Assert.Contains("\"tool\":\"fs.read\"", story.Envelope, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_story_of_an_action_says_who_did_what_to_what()
    {
        var action = Place.Action();
        await Place.WriteAsync(action);

        var story = (await Place.Reader.FindAsync(Place.Organization, action.CallId, Ct))!;

        Assert.Equal(("project.created", "user", "project", action.TargetId), (story.Entry.Action, story.Entry.Actor, story.Entry.TargetType, story.Entry.TargetId));
        Assert.Equal((Place.Organization, "203.0.113.7", null), (story.Entry.ActorUserId, story.Entry.ClientIp, story.Entry.Decision));
        Assert.Contains("\"after\":{\"name\":\"shop\"}", story.Payload, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.7", story.Envelope, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_is_everything_oldest_first()
    {
        await using var log = await Place.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 2_300).Select(i => log.CommitAsync(Place.Decision(i % 2 == 0 ? "a.even" : "a.odd"), Ct).AsTask()));

        var all = await Place.Reader.ExportAsync(Place.Query, Ct).ToListAsync(Ct);
        var even = await Place.Reader.ExportAsync(Place.Query with { Tool = "a.even" }, Ct).CountAsync(Ct);

        Assert.Equal(2_300, all.Select(static one => one.CallId).Distinct().Count());
        Assert.Equal(all.OrderBy(static one => one.Time).Select(static one => one.CallId), all.Select(static one => one.CallId));
        Assert.Equal(1_150, even);
    }

    [Fact]
    public async Task The_operator_sees_everybodys()
    {
        await Place.WriteAsync(Place.Decision() with { OrganizationId = Guid.Empty, ProjectId = Guid.Empty }, Place.Decision());

        Assert.Equal(2, (await ListAsync(new() { Scope = AuditScope.Operator })).Count);
        Assert.Single(await ListAsync());
    }

    private async Task<IReadOnlyList<string?>> NamesAsync(AuditQuery query) => [.. (await ListAsync(query)).Select(static one => one.Tool ?? one.Action)];
}

public sealed class SqliteAuditSearchTests() : AuditSearchTests("SQLite");

public sealed class PostgresAuditSearchTests() : AuditSearchTests("PostgreSQL");
