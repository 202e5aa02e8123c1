using SQLitePCL;

namespace McpShield.Adapters.Sqlite;

/// <summary>What a statement may do, asked by SQLite itself while it compiles. What is not named here is denied.</summary>
/// <remarks>SPEC: sqlite.org/c3ref/set_authorizer.html.</remarks>
internal sealed class SqliteAuthorizer
{
    // Functions that only compute. What reads files, loads code, runs SQL or reports on the engine is not among them.
    private static readonly HashSet<string> Functions = new(StringComparer.OrdinalIgnoreCase)
    {
        "abs", "avg", "ceil", "ceiling", "char", "coalesce", "concat", "concat_ws", "count", "cume_dist", "date", "datetime", "dense_rank",
        "exp", "first_value", "floor", "format", "glob", "group_concat", "hex", "if", "ifnull", "iif", "instr", "json", "json_array",
        "json_array_length", "json_each", "json_extract", "json_group_array", "json_group_object", "json_object", "json_patch",
        "json_quote", "json_remove", "json_replace", "json_set", "json_tree", "json_type", "json_valid", "julianday", "lag", "last_value",
        "lead", "length", "like", "ln", "log", "log10", "log2", "lower", "ltrim", "max", "median", "min", "mod", "nth_value", "ntile", "nullif",
        "octet_length", "percent_rank", "pi", "pow", "power", "printf", "quote", "radians", "degrees", "rank", "replace", "round",
        "row_number", "rtrim", "sign", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sqrt", "strftime", "string_agg", "substr", "substring", "subtype", "sum",
        "time", "timediff", "total", "trim", "trunc", "typeof", "unhex", "unicode", "unixepoch", "upper", "->", "->>",
    };

    private static readonly HashSet<string> SchemaTables = new(StringComparer.OrdinalIgnoreCase) { "sqlite_master", "sqlite_schema" };

    /// <summary>The first thing that was denied since <see cref="Reset"/>, in plain words; <c>null</c> when nothing was.</summary>
    public string? Denied { get; private set; }

    public void Reset() => Denied = null;

    public int Authorize(object? data, int action, string? first, string? second, string? database, string? trigger)
    {
        var problem = Problem(action, first, second, database);
        if (problem is null) return raw.SQLITE_OK;
        Denied ??= problem;
        return raw.SQLITE_DENY;
    }

    private static string? Problem(int action, string? first, string? second, string? database) => action switch
    {
        raw.SQLITE_SELECT or raw.SQLITE_RECURSIVE => null,
        raw.SQLITE_READ => ReadProblem(first ?? "", database),
        raw.SQLITE_FUNCTION => Functions.Contains(second ?? "") ? null : $"the function `{second}` is not among those that may be used",
        raw.SQLITE_INSERT when IsSchemaOf(first) => "changing the schema is not permitted: this connection only reads",
        raw.SQLITE_INSERT => ReadsOnly("INSERT"),
        raw.SQLITE_UPDATE => ReadsOnly("UPDATE"),
        raw.SQLITE_DELETE when IsSchemaOf(first) => "changing the schema is not permitted: this connection only reads",
        raw.SQLITE_DELETE => ReadsOnly("DELETE"),
        raw.SQLITE_ATTACH => "`ATTACH` is not permitted: this connection reads one database",
        raw.SQLITE_DETACH => "`DETACH` is not permitted: this connection reads one database",
        raw.SQLITE_PRAGMA => "`PRAGMA` is not permitted",
        raw.SQLITE_TRANSACTION or raw.SQLITE_SAVEPOINT => "transactions are not permitted: every statement runs alone",
        raw.SQLITE_ALTER_TABLE or raw.SQLITE_REINDEX or raw.SQLITE_ANALYZE => "changing the schema is not permitted: this connection only reads",
        _ => "changing the database is not permitted: this connection only reads",
    };

    private static string? ReadProblem(string table, string? database) =>
        database is not null && database is not "main" ? "only the connection's own tables may be read"
        : table.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase) && !SchemaTables.Contains(table) ? "internal tables may not be read"
        : table.StartsWith("pragma_", StringComparison.OrdinalIgnoreCase) ? "`PRAGMA` is not permitted"
        : null;

    private static string ReadsOnly(string verb) => $"`{verb}` is not permitted: this connection only reads";

    private static bool IsSchemaOf(string? table) => table is not null && SchemaTables.Contains(table);
}
