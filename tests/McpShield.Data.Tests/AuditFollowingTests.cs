using McpShield.Data.Audits;
using McpShield.Policy.Evaluation;

namespace McpShield.Data.Tests;

/// <summary>Whoever follows the log sees every record, whichever process wrote it.</summary>
public abstract class AuditFollowingTests(string kind) : AuditPlaceTests(kind)
{
    [Fact]
    public async Task Nothing_is_missed_while_several_write_at_once()
    {
        var logs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Place.OpenAsync()));
        var writing = Task.WhenAll(logs.Select(async log =>
        {
            for (var round = 0; round < 20; round++) await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => log.CommitAsync(Place.Decision(), Ct).AsTask()));
            await log.DisposeAsync();
        }));

        var (seen, heads) = (new List<AppendedRecord>(), (IReadOnlyDictionary<Guid, long>)new Dictionary<Guid, long>());
        for (var isLast = false; ;)
        {
            var added = await Place.Reader.ReadAfterAsync(heads, 50, Ct);
            seen.AddRange(added.Records);
            heads = added.Heads;
            if (isLast && !added.HasMore) break;
            isLast = writing.IsCompleted;
        }

        await writing;
        Assert.Equal(3 * 202, seen.Count);
        Assert.Equal(600, seen.Where(static one => one.Kind == "decision").Select(static one => one.CallId).Distinct().Count());
        Assert.All(heads.Values, static head => Assert.Equal(AuditReader.Ended, head));
        foreach (var stream in seen.GroupBy(static one => one.Stream)) Assert.Equal(Enumerable.Range(1, 202), stream.Select(static one => (int)one.Seq));
    }

    [Fact]
    public async Task Following_from_now_shows_only_what_comes_and_an_outcome_says_whose_it_is()
    {
        await using var log = await Place.OpenAsync();
        var decision = Place.Decision("fs.write", Outcome.Deny);
        await log.CommitAsync(decision, Ct);
        var heads = await Place.Reader.ReadHeadsAsync(Ct);
        Assert.Empty((await Place.Reader.ReadAfterAsync(heads, 10, Ct)).Records);

        await log.CommitAsync(AuditPlace.Outcome(decision), Ct);
        await log.CommitAsync(Place.Action(), Ct);
        var added = await Place.Reader.ReadAfterAsync(heads, 10, Ct);

        Assert.Equal([("outcome", "succeeded", null), ("action", null, "project.created")], added.Records.Select(static one => (one.Kind, one.Status, one.Action)));
        Assert.All(added.Records, one => Assert.Equal((Place.Organization, Place.Project), (one.OrganizationId, one.ProjectId)));
        Assert.False(added.HasMore);
    }

    [Fact]
    public async Task A_stream_that_has_ended_is_not_asked_again()
    {
        await Place.WriteAsync(Place.Decision());

        Assert.Equal([AuditReader.Ended], (await Place.Reader.ReadHeadsAsync(Ct)).Values);
    }
}

public sealed class SqliteAuditFollowingTests() : AuditFollowingTests("SQLite");

public sealed class PostgresAuditFollowingTests() : AuditFollowingTests("PostgreSQL");
