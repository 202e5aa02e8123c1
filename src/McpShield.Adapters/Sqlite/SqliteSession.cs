using SQLitePCL;

namespace McpShield.Adapters.Sqlite;

/// <summary>One raw connection: opened read-only, hardened, with the authorizer always on.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly sqlite3 handle;
    private readonly SqliteAuthorizer authorizer = new();

    private SqliteSession(sqlite3 handle) => this.handle = handle;

    public static SqliteSession Open(string path, SqliteLimits limits)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX, null);
        if (code != raw.SQLITE_OK)
        {
            handle?.Dispose();
            throw new StatementFailureException(StatementFailureKind.Engine, "the database cannot be opened");
        }

        var session = new SqliteSession(handle);
        session.Harden(limits);
        return session;
    }

    public sqlite3 Handle => handle;

    public SqliteAuthorizer Authorizer => authorizer;

    public void Dispose() => handle.Dispose();

    // Each line stands alone: any one of them failing would still leave a connection that cannot write.
    private void Harden(SqliteLimits limits)
    {
        raw.sqlite3_busy_timeout(handle, 1_000);
        raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_DEFENSIVE, 1, out _);
        raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, out _);
        raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, out _);
        raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, out _);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LENGTH, limits.MaxResultBytes);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_SQL_LENGTH, limits.MaxStatementLength * 4);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_ATTACHED, 0);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_COLUMN, 200);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_EXPR_DEPTH, 100);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_COMPOUND_SELECT, 50);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_VARIABLE_NUMBER, 100);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_WORKER_THREADS, 0);
        raw.sqlite3_exec(handle, "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;");
        raw.sqlite3_set_authorizer(handle, authorizer.Authorize, null);
    }
}
