using System.Text;
using System.Text.Json;
using McpShield.Adapters.Sqlite;
using McpShield.Policy.Evaluation;
using McpShield.Testing;

namespace McpShield.Adapters.Tests;

/// <summary>A database that agents may read: every read works, and nothing else does.</summary>
public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string path;

    public SqliteDatabaseTests()
    {
        path = folder["sample.db"];
        SampleDatabase.CreateIfMissing(path);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("SELECT count(*) FROM customers", "60")]
    [InlineData("select Count(*) from CUSTOMERS;", "60")]
    [InlineData("SELECT count(*) FROM customers; -- and a comment", "60")]
    [InlineData("/* before */ SELECT 1 /* after */ ; ; ", "1")]
    [InlineData("VALUES (1)", "1")]
    [InlineData("SELECT 'DROP TABLE customers; --'", "DROP TABLE customers; --")]
    [InlineData("WITH recursive n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n", "55")]
    [InlineData("SELECT count(DISTINCT c.id) FROM customers c JOIN orders o ON o.customer_id = c.id JOIN order_items i ON i.order_id = o.id WHERE c.id <= 0", "0")]
    [InlineData("SELECT n FROM (SELECT row_number() OVER (PARTITION BY category ORDER BY price_cents) AS n FROM products) ORDER BY n LIMIT 1", "1")]
    [InlineData("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')", "2")]
    [InlineData("SELECT strftime('%Y', '2026-11-24')", "2026")]
    [InlineData("SELECT count(*) > 0 FROM revenue_by_month", "1")]
    [InlineData("SELECT name FROM products WHERE name LIKE 'Desk%' ORDER BY upper(name) COLLATE NOCASE", "Desk lamp")]
    public async Task Reading_of_every_kind_works(string sql, string first)
    {
        using var database = Open();

        var table = await RunAsync(database, sql);

        Assert.Equal(first, Convert.ToString(table.Rows[0][0], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("DELETE FROM customers", "`DELETE` is not permitted")]
    [InlineData("delete from customers where 1=0", "`DELETE` is not permitted")]
    [InlineData("UPDATE customers SET name = 'x'", "`UPDATE` is not permitted")]
    [InlineData("INSERT INTO customers VALUES (99,'a','b','c','d','e','f')", "`INSERT` is not permitted")]
    [InlineData("INSERT INTO customers SELECT * FROM customers", "not permitted")]
    [InlineData("INSERT INTO products VALUES (99,'a','b','c',1,1) RETURNING id", "`INSERT` is not permitted")]
    [InlineData("REPLACE INTO products VALUES (1,'a','b','c',1,1)", "not permitted")]
    [InlineData("INSERT INTO products VALUES (1,'a','b','c',1,1) ON CONFLICT DO UPDATE SET stock = 0", "not permitted")]
    [InlineData("WITH d AS (SELECT 1) DELETE FROM customers", "`DELETE` is not permitted")]
    [InlineData("WITH d AS (SELECT 1) UPDATE customers SET name = 'x' FROM d", "`UPDATE` is not permitted")]
    [InlineData("SELECT 1; DELETE FROM customers", "only one statement")]
    [InlineData("SELECT 1; SELECT 2", "only one statement")]
    [InlineData("SELECT 1;/* x */DROP TABLE customers", "only one statement")]
    [InlineData("SELECT 1; this is no SQL", "only one statement")]
    [InlineData("DROP TABLE customers", "not permitted")]
    [InlineData("DROP INDEX orders_by_customer", "not permitted")]
    [InlineData("DROP VIEW revenue_by_month", "not permitted")]
    [InlineData("CREATE TABLE t(a)", "not permitted")]
    [InlineData("CREATE TABLE t AS SELECT * FROM customers", "not permitted")]
    [InlineData("CREATE TEMP TABLE t(a)", "not permitted")]
    [InlineData("CREATE TEMP VIEW v AS SELECT 1", "not permitted")]
    [InlineData("CREATE VIEW v AS SELECT 1", "not permitted")]
    [InlineData("CREATE INDEX i ON customers(name)", "not permitted")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END", "not permitted")]
    [InlineData("CREATE TEMP TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END", "not permitted")]
    [InlineData("CREATE VIRTUAL TABLE t USING fts5(a)", "not permitted")]
    [InlineData("CREATE VIRTUAL TABLE t USING dbstat", "not permitted")]
    [InlineData("ALTER TABLE customers ADD COLUMN x", "not permitted")]
    [InlineData("ALTER TABLE customers RENAME TO x", "not permitted")]
    [InlineData("ALTER TABLE customers DROP COLUMN phone", "not permitted")]
    [InlineData("ATTACH ':memory:' AS m", "`ATTACH` is not permitted")]
    [InlineData("ATTACH DATABASE 'file:/tmp/x?mode=rwc' AS w", "`ATTACH` is not permitted")]
    [InlineData("DETACH main", "`DETACH` is not permitted")]
    [InlineData("PRAGMA writable_schema = 1", "`PRAGMA` is not permitted")]
    [InlineData("PRAGMA query_only = OFF", "`PRAGMA` is not permitted")]
    [InlineData("PRAGMA journal_mode(DELETE)", "`PRAGMA` is not permitted")]
    [InlineData("PRAGMA wal_checkpoint", "`PRAGMA` is not permitted")]
    [InlineData("PRAGMA table_info(customers)", "`PRAGMA` is not permitted")]
    [InlineData("PRAGMA optimize", "`PRAGMA` is not permitted")]
    [InlineData("SELECT * FROM pragma_database_list", "not permitted")]
    [InlineData("SELECT * FROM pragma_table_info('customers')", "not permitted")]
    [InlineData("SELECT load_extension('x')", "is not among those")]
    [InlineData("SELECT readfile('/etc/passwd')", "")]
    [InlineData("SELECT writefile('/tmp/x', 'x')", "")]
    [InlineData("SELECT edit('x')", "")]
    [InlineData("SELECT fts3_tokenizer('simple')", "")]
    [InlineData("SELECT sqlite_compileoption_get(1)", "is not among those")]
    [InlineData("SELECT randomblob(1000000000)", "is not among those")]
    [InlineData("SELECT zeroblob(1000000000)", "is not among those")]
    [InlineData("VACUUM", "not permitted")]
    [InlineData("VACUUM INTO '/tmp/copy.db'", "not permitted")]
    [InlineData("BEGIN IMMEDIATE", "transactions are not permitted")]
    [InlineData("COMMIT", "transactions are not permitted")]
    [InlineData("ROLLBACK", "transactions are not permitted")]
    [InlineData("SAVEPOINT a", "transactions are not permitted")]
    [InlineData("RELEASE a", "transactions are not permitted")]
    [InlineData("ANALYZE", "not permitted")]
    [InlineData("REINDEX", "not permitted")]
    [InlineData("UPDATE sqlite_master SET sql = 'x'", "")]
    [InlineData("DELETE FROM sqlite_schema", "")]
    [InlineData("SELECT * FROM customers WHERE id = ?1", "parameters are not supported")]
    [InlineData("SELECT * FROM customers WHERE id = :id", "parameters are not supported")]
    [InlineData("", "there is no statement")]
    [InlineData("  -- nothing but a comment", "there is no statement")]
    [InlineData(";", "there is no statement")]
    [InlineData("SELECT 1\0; DELETE FROM customers", "NUL character")]
    [InlineData("SELEC 1", "does not understand")]
    [InlineData("SELECT * FROM no_such_table", "no such table")]
    [InlineData("SELECT 'unclosed", "does not understand")]
    public async Task Anything_else_is_refused_before_it_runs_and_the_file_stays_as_it_was(string sql, string why)
    {
        var before = await File.ReadAllBytesAsync(path, Ct);
        using var database = Open();

        using var prepared = await database.PrepareAsync(sql, Ct);

        Assert.NotNull(prepared.Refusal);
        Assert.Contains(why, prepared.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal("/sql", prepared.Refusal.Pointer);
        Assert.Contains(prepared.Refusal.Code, new[] { DetailCode.StatementDenied, DetailCode.StatementUnsupported });
        Assert.Equal(before, await File.ReadAllBytesAsync(path, Ct));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Values_come_out_as_what_they_are()
    {
        using var database = Open();

        var table = await RunAsync(database, "SELECT NULL, 9223372036854775807, -9223372036854775808, 0.1, 9e999, -9e999, 'größe \"q\" 😀', x'00ff', 'a|b'");

        Assert.Equal([null, long.MaxValue, long.MinValue, 0.1, double.PositiveInfinity, double.NegativeInfinity, "größe \"q\" 😀", new byte[] { 0, 255 }, "a|b"], table.Rows[0]);
        var output = new MemoryStream();
        await using (var json = new Utf8JsonWriter(output)) table.WriteTo(json);
        Assert.Equal(
            """[[null,9223372036854775807,-9223372036854775808,0.1,"Infinity","-Infinity","gr\u00F6\u00DFe \u0022q\u0022 \uD83D\uDE00",{"base64":"AP8="},"a|b"]]""",
            JsonDocument.Parse(Encoding.UTF8.GetString(output.ToArray())).RootElement.GetProperty("rows").GetRawText());
        Assert.Contains("<2 bytes>", table.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_beyond_the_limit_are_cut_and_it_is_said()
    {
        using var database = Open(new() { MaxRows = 3 });

        var cut = await RunAsync(database, "SELECT id FROM customers ORDER BY id");
        var whole = await RunAsync(database, "SELECT id FROM customers ORDER BY id LIMIT 3");

        Assert.Equal((3, true), (cut.Rows.Count, cut.IsTruncated));
        Assert.Contains("there are more", cut.ToText(), StringComparison.Ordinal);
        Assert.Equal((3, false), (whole.Rows.Count, whole.IsTruncated));
    }

    [Fact]
    public async Task A_result_that_is_too_large_is_refused_whole()
    {
        using var database = Open(new() { MaxResultBytes = 1_000 });

        var failure = await Assert.ThrowsAsync<StatementFailureException>(() => RunAsync(database, "SELECT printf('%.*c', 900, 'x') FROM customers"));

        Assert.Equal(StatementFailureKind.TooLarge, failure.Kind);
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_stopped_and_the_connection_works_on()
    {
        using var database = Open(new() { Timeout = TimeSpan.FromMilliseconds(200), MaxConnections = 1 });

        var failure = await Assert.ThrowsAsync<StatementFailureException>(() => RunAsync(database, Endless));

        Assert.Equal(StatementFailureKind.TimedOut, failure.Kind);
        Assert.Single((await RunAsync(database, "SELECT 1")).Rows);
    }

    [Fact]
    public async Task Cancelling_reaches_the_engine()
    {
        using var database = Open(new() { Timeout = TimeSpan.FromMinutes(5) });
        using var cancelling = new CancellationTokenSource();
        using var prepared = await database.PrepareAsync(Endless, Ct);
        var running = database.ExecuteAsync(prepared, cancelling.Token);

        await cancelling.CancelAsync();

        Assert.Equal(StatementFailureKind.Cancelled, (await Assert.ThrowsAsync<StatementFailureException>(() => running)).Kind);
    }

    [Fact]
    public async Task An_error_while_running_is_told_in_the_engines_words()
    {
        using var database = Open();

        var failure = await Assert.ThrowsAsync<StatementFailureException>(() => RunAsync(database, "SELECT json_extract('not json', '$')"));

        Assert.Equal(StatementFailureKind.Engine, failure.Kind);
        Assert.Contains("malformed JSON", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_are_given_back_whether_a_statement_ran_or_was_refused()
    {
        using var database = Open(new() { MaxConnections = 2 });

        for (var i = 0; i < 10; i++)
        {
            using (await database.PrepareAsync("DELETE FROM customers", Ct))
            using (await database.PrepareAsync("SELECT 1", Ct))
            {
            }

            await RunAsync(database, "SELECT 1");
        }
    }

    [Fact]
    public async Task When_every_connection_is_busy_a_statement_is_refused_instead_of_waiting_for_ever()
    {
        using var database = Open(new() { MaxConnections = 1, Timeout = TimeSpan.FromMilliseconds(50) });
        using var held = await database.PrepareAsync("SELECT 1", Ct);

        using var refused = await database.PrepareAsync("SELECT 2", Ct);

        Assert.Equal(DetailCode.TimeOut, refused.Refusal?.Code);
    }

    [Fact]
    public async Task Statements_run_side_by_side()
    {
        using var database = Open();

        var counts = await Task.WhenAll(Enumerable.Range(0, 50).Select(async number => (long)(await RunAsync(database, $"SELECT {number} + count(*) FROM orders")).Rows[0][0]!));

        Assert.Equal(Enumerable.Range(0, 50).Select(static number => 240L + number), counts);
    }

    [Fact]
    public async Task The_tables_are_described_with_their_columns()
    {
        using var database = Open();

        var tables = await database.DescribeAsync(Ct);

        Assert.Equal(["customers", "order_items", "orders", "products", "revenue_by_month", "support_tickets"], tables.Select(static one => one.Table));
        Assert.Equal(["id", "sku", "name", "category", "price_cents", "stock"], tables[3].Columns);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_made()
    {
        using var database = new SqliteDatabase(folder["missing.db"], SqliteLimits.Default, TimeProvider.System);

        await Assert.ThrowsAsync<StatementFailureException>(() => database.PrepareAsync("SELECT 1", Ct).AsTask());
        Assert.False(File.Exists(folder["missing.db"]));
    }

    [Fact]
    public async Task The_sample_is_the_same_on_every_machine_and_never_overwritten()
    {
        SampleDatabase.CreateIfMissing(folder["again.db"]);
        const string All = "SELECT (SELECT group_concat(name || email || country, ';') FROM customers), (SELECT sum(customer_id * id) FROM orders), (SELECT sum(quantity * price_cents) FROM order_items)";
        using var first = Open();
        using var second = new SqliteDatabase(folder["again.db"], SqliteLimits.Default, TimeProvider.System);

        Assert.Equal((await RunAsync(first, All)).Rows[0], (await RunAsync(second, All)).Rows[0]);

        var before = await File.ReadAllBytesAsync(path, Ct);
        SampleDatabase.CreateIfMissing(path);
        Assert.Equal(before, await File.ReadAllBytesAsync(path, Ct));
    }

    private const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    private SqliteDatabase Open(SqliteLimits? limits = null) => new(path, limits ?? SqliteLimits.Default, TimeProvider.System);

    private static async Task<ResultTable> RunAsync(SqliteDatabase database, string sql)
    {
        using var prepared = await database.PrepareAsync(sql, Ct);
        Assert.True(prepared.Refusal is null, prepared.Refusal?.Message);
        return await database.ExecuteAsync(prepared, Ct);
    }
}
