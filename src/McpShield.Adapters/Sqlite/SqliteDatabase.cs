using System.Collections.Concurrent;
using System.Text;
using McpShield.Policy.Evaluation;
using SQLitePCL;

namespace McpShield.Adapters.Sqlite;

/// <summary>A SQLite database that agents may read. Statements are looked at by SQLite's own compiler, under an authorizer that knows what may be done.</summary>
/// <remarks>
/// Three walls, each enough alone: the file is opened read-only, the authorizer denies everything but reading, and a statement that the
/// engine does not call read-only is refused. Safe for concurrent use; statements run side by side up to the limit of connections.
/// </remarks>
public sealed class SqliteDatabase : IDisposable
{
    private readonly string path;
    private readonly SqliteLimits limits;
    private readonly TimeProvider clock;
    private readonly ConcurrentBag<SqliteSession> idle = [];
    private readonly SemaphoreSlim slots;
    private volatile bool disposed;

    static SqliteDatabase() => Batteries_V2.Init();

    /// <summary>Creates it; the file is opened when it is first needed, and never made.</summary>
    public SqliteDatabase(string path, SqliteLimits limits, TimeProvider clock)
    {
        (this.path, this.limits, this.clock) = (path, limits, clock);
        slots = new(limits.MaxConnections, limits.MaxConnections);
    }

    /// <summary>Compiles <paramref name="sql"/> without running it. Waits for a free connection no longer than a statement may run.</summary>
    public async ValueTask<PreparedStatement> PrepareAsync(string sql, CancellationToken ct)
    {
        if (sql.Length > limits.MaxStatementLength) return PreparedStatement.Refused(DetailCode.Size, $"the statement is longer than {limits.MaxStatementLength} characters");
        if (sql.Contains('\0', StringComparison.Ordinal)) return PreparedStatement.Refused(DetailCode.StatementUnsupported, "the statement holds a NUL character", sql.IndexOf('\0', StringComparison.Ordinal));
        if (!await slots.WaitAsync(limits.Timeout, ct)) return PreparedStatement.Refused(DetailCode.TimeOut, "every connection is busy; try again");

        SqliteSession? session = null;
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            session = idle.TryTake(out var kept) ? kept : SqliteSession.Open(path, limits);
            var prepared = Compile(session, sql);
            if (prepared.Refusal is null) return prepared;
            Return(session);
            return prepared;
        }
        catch
        {
            if (session is null) slots.Release();
            else Return(session);
            throw;
        }
    }

    /// <summary>Runs exactly the statement that was prepared. The caller's thread is not blocked.</summary>
    /// <exception cref="StatementFailureException">It failed, took too long, or returned too much.</exception>
    public async Task<ResultTable> ExecuteAsync(PreparedStatement prepared, CancellationToken ct)
    {
        var session = prepared.Session;
        using var patience = new CancellationTokenSource(limits.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        using var interrupt = either.Token.Register(() => raw.sqlite3_interrupt(session.Handle));
        var ended = either.Token;
        var (outcome, table, message) = await Task.Run(() => Run(prepared.Statement!, session, ended), CancellationToken.None);
        if (table is not null) return table;
        if (ct.IsCancellationRequested) throw new StatementFailureException(StatementFailureKind.Cancelled, "the statement was cancelled");
        if (ended.IsCancellationRequested) throw new StatementFailureException(StatementFailureKind.TimedOut, $"the statement ran longer than {limits.Timeout.TotalSeconds:0} seconds; narrow it with a WHERE or aggregate less");
        throw new StatementFailureException(outcome, message);
    }

    /// <summary>The tables and views, each with its columns, for telling an agent what there is.</summary>
    public async Task<IReadOnlyList<(string Table, IReadOnlyList<string> Columns)>> DescribeAsync(CancellationToken ct)
    {
        await slots.WaitAsync(ct);
        SqliteSession? session = null;
        try
        {
            session = SqliteSession.Open(path, limits);

            // Our own statement, so without the authorizer that stands before an agent's.
            raw.sqlite3_set_authorizer(session.Handle, (delegate_authorizer?)null!, null);
            const string Sql = "SELECT m.name, group_concat(p.name, ',') FROM (SELECT name FROM sqlite_schema WHERE type IN ('table','view') AND name NOT LIKE 'sqlite_%' ORDER BY name) m, pragma_table_info(m.name) p GROUP BY m.name ORDER BY m.name";
            raw.sqlite3_prepare_v2(session.Handle, Sql, out var statement);
            using (statement)
            {
                var (_, table, _) = Run(statement, session, CancellationToken.None);
                return [.. (table?.Rows ?? []).Select(static row => ((string)row[0]!, (IReadOnlyList<string>)((string?)row[1] ?? "").Split(',')))];
            }
        }
        finally
        {
            session?.Dispose();
            slots.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out var session)) session.Dispose();
    }

    internal void Return(SqliteSession session)
    {
        if (disposed) session.Dispose();
        else idle.Add(session);
        slots.Release();
    }

    private PreparedStatement Compile(SqliteSession session, string sql)
    {
        session.Authorizer.Reset();
        var bytes = new byte[Encoding.UTF8.GetByteCount(sql) + 1];
        Encoding.UTF8.GetBytes(sql, bytes);
        var code = raw.sqlite3_prepare_v2(session.Handle, bytes, out var statement, out ReadOnlySpan<byte> tail);
        if (session.Authorizer.Denied is { } denied)
        {
            statement?.Dispose();
            return PreparedStatement.Refused(DetailCode.StatementDenied, denied);
        }

        if (code != raw.SQLITE_OK)
        {
            var message = raw.sqlite3_errmsg(session.Handle).utf8_to_string();
            statement?.Dispose();
            return PreparedStatement.Refused(DetailCode.StatementUnsupported, $"SQLite does not understand the statement: {message}");
        }

        if (statement is null || statement.IsInvalid) return PreparedStatement.Refused(DetailCode.StatementUnsupported, "there is no statement", 0);

        var problem = Problem(session, statement, tail);
        if (problem is null) return PreparedStatement.Ready(this, session, statement);
        statement.Dispose();
        return PreparedStatement.Refused(DetailCode.StatementDenied, problem);
    }

    private static string? Problem(SqliteSession session, sqlite3_stmt statement, ReadOnlySpan<byte> tail)
    {
        // THREAT: `SELECT 1; DROP TABLE t`. Whether anything follows is asked of the engine's own lexer: what compiles to
        // nothing is comment and white space.
        if (!tail.Trim(" \t\r\n\f;\0"u8).IsEmpty)
        {
            var more = raw.sqlite3_prepare_v2(session.Handle, tail, out var second, out _);
            var isNothing = more == raw.SQLITE_OK && (second is null || second.IsInvalid);
            second?.Dispose();
            if (!isNothing) return "only one statement may be sent at a time";
        }

        if (raw.sqlite3_stmt_readonly(statement) == 0) return "changing the database is not permitted: this connection only reads";
        if (raw.sqlite3_bind_parameter_count(statement) > 0) return "parameters are not supported; write the values out";
        return raw.sqlite3_column_count(statement) == 0 ? "the statement returns nothing to read" : null;
    }

    private (StatementFailureKind Failure, ResultTable? Table, string Message) Run(sqlite3_stmt statement, SqliteSession session, CancellationToken ended)
    {
        var columns = Enumerable.Range(0, raw.sqlite3_column_count(statement)).Select(index => raw.sqlite3_column_name(statement, index).utf8_to_string()).ToArray();
        var rows = new List<object?[]>();
        long bytes = 0;
        while (true)
        {
            if (ended.IsCancellationRequested) return (StatementFailureKind.Cancelled, null, "");
            var code = raw.sqlite3_step(statement);
            if (code == raw.SQLITE_DONE) return (default, new(columns, rows, IsTruncated: false), "");
            if (code != raw.SQLITE_ROW) return (StatementFailureKind.Engine, null, raw.sqlite3_errmsg(session.Handle).utf8_to_string());
            if (rows.Count == limits.MaxRows) return (default, new(columns, rows, IsTruncated: true), "");
            rows.Add(ReadRow(statement, columns.Length, ref bytes));
            if (bytes > limits.MaxResultBytes) return (StatementFailureKind.TooLarge, null, $"the result is larger than {limits.MaxResultBytes} bytes; select fewer columns or rows");
        }
    }

    private static object?[] ReadRow(sqlite3_stmt statement, int columns, ref long bytes)
    {
        var row = new object?[columns];
        for (var index = 0; index < columns; index++)
        {
            bytes += 8;
            switch (raw.sqlite3_column_type(statement, index))
            {
                case raw.SQLITE_INTEGER:
                    row[index] = raw.sqlite3_column_int64(statement, index);
                    break;
                case raw.SQLITE_FLOAT:
                    row[index] = raw.sqlite3_column_double(statement, index);
                    break;
                case raw.SQLITE_TEXT:
                    var text = raw.sqlite3_column_text(statement, index).utf8_to_string();
                    bytes += text.Length;
                    row[index] = text;
                    break;
                case raw.SQLITE_BLOB:
                    var blob = raw.sqlite3_column_blob(statement, index).ToArray();
                    bytes += blob.Length * 4L / 3;
                    row[index] = blob;
                    break;
            }
        }

        return row;
    }
}
