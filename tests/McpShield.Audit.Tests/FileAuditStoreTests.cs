using System.Text;
using McpShield.Testing;

namespace McpShield.Audit.Tests;

/// <summary>The audit file of a local gateway: readable while it is written, whole after a crash.</summary>
public sealed class FileAuditStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string File => folder["audit.jsonl"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_committed_is_read_back_newest_first_with_its_outcome_while_the_log_is_open()
    {
        await using var log = await OpenAsync();
        var (first, second) = (Records.Decision("a.one"), Records.Decision("a.two", arguments: """{"text":"größe \u2028 \"x\""}"""));
        await log.CommitAsync(first, Ct);
        await log.CommitAsync(Records.Outcome(first), Ct);
        await log.CommitAsync(second, Ct);

        var entries = AuditFileReader.List(File, new());

        Assert.Equal(["a.two", "a.one"], entries.Select(static one => one.Tool));
        Assert.Equal((null, "succeeded", 1500L), (entries[0].Status, entries[1].Status, entries[1].DurationMicroseconds));
        Assert.Equal(("one", "rule", "rule one allows this call"), (entries[1].Rule, entries[1].Reason, entries[1].Message));
        Assert.Null(ChainVerifier.Verify(AuditFileReader.Read(File)));
    }

    [Fact]
    public async Task A_line_that_a_crash_left_half_written_is_moved_aside_and_nothing_before_it_is_lost()
    {
        await using (var log = await OpenAsync()) await log.CommitAsync(Records.Decision("a.one"), Ct);
        await System.IO.File.AppendAllTextAsync(File, "{\"envelope\":{\"half", Ct);

        await using (var log = await OpenAsync()) await log.CommitAsync(Records.Decision("a.two"), Ct);

        Assert.Equal(["a.two", "a.one"], AuditFileReader.List(File, new()).Select(static one => one.Tool));
        var aside = Assert.Single(Directory.GetFiles(folder.Path, "audit.jsonl.torn-*"));
        Assert.Equal("{\"envelope\":{\"half", await System.IO.File.ReadAllTextAsync(aside, Ct));
    }

    [Fact]
    public async Task A_second_writer_is_refused()
    {
        await using var log = await OpenAsync();

        var refused = Assert.Throws<AuditUnavailableException>(() => FileAuditStore.Open(File, TimeProvider.System));

        Assert.Contains("another process writes it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        folder.Write("file", "");

        var refused = Assert.Throws<AuditUnavailableException>(() => FileAuditStore.Open(folder["file/audit.jsonl"], TimeProvider.System));

        Assert.Contains("file/audit.jsonl", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_its_owner_may_read_it()
    {
        if (OperatingSystem.IsWindows()) return; // file modes are a matter of Unix
        await using var log = await OpenAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(folder["audit.key"]));
    }

    [Fact]
    public async Task Filters_choose_by_decision_and_tool()
    {
        await using var log = await OpenAsync();
        for (var i = 0; i < 5; i++) await log.CommitAsync(Records.Decision($"a.n{i}"), Ct);

        Assert.Equal(["a.n4", "a.n3"], AuditFileReader.List(File, new(Limit: 2)).Select(static one => one.Tool));
        Assert.Equal(["a.n1"], AuditFileReader.List(File, new(Tool: "a.n1")).Select(static one => one.Tool));
        Assert.Empty(AuditFileReader.List(File, new(Decision: "deny")));
    }

    [Fact]
    public void A_key_file_that_holds_no_key_is_named()
    {
        folder.Write("audit.key", "this is not base64, and as long as a key would be!");

        Assert.Contains("audit.key", Assert.Throws<IOException>(() => AuditSigningKey.LoadOrCreate(folder["audit.key"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_that_start_at_once_end_up_with_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AuditSigningKey.LoadOrCreate(folder["shared.key"]).PublicKey, Ct)));

        Assert.Single(keys.Select(Convert.ToHexString).Distinct());
    }

    [Fact]
    public async Task Lines_hold_one_record_each_and_never_a_raw_line_feed()
    {
        await using (var log = await OpenAsync()) await log.CommitAsync(Records.Decision(message: "line one\nline two"), Ct);

        var lines = (await System.IO.File.ReadAllTextAsync(File, Encoding.UTF8, Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, lines.Length);
    }

    private Task<AuditLog> OpenAsync() => Records.OpenAsync(FileAuditStore.Open(File, TimeProvider.System), folder);
}
