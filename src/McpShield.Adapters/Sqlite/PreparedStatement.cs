using McpShield.Policy.Evaluation;
using SQLitePCL;

namespace McpShield.Adapters.Sqlite;

/// <summary>A statement that was compiled and not run; or the reason why it never will be.</summary>
public sealed class PreparedStatement : IDisposable
{
    private readonly SqliteDatabase? database;
    private SqliteSession? session;

    private PreparedStatement(DecisionDetail? refusal, SqliteDatabase? database, SqliteSession? session, sqlite3_stmt? statement)
    {
        (Refusal, this.database, this.session) = (refusal, database, session);
        Statement = statement;
    }

    /// <summary>Why the connection will not run it; <c>null</c> when it would.</summary>
    public DecisionDetail? Refusal { get; }

    internal sqlite3_stmt? Statement { get; }

    internal SqliteSession Session => session ?? throw new InvalidOperationException("a refused statement cannot run");

    /// <summary>Gives the connection back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref session, null) is not { } held) return;
        Statement?.Dispose();
        database!.Return(held);
    }

    internal static PreparedStatement Refused(DetailCode code, string message, int? position = null) =>
        new(new(code, message, Pointer: "/sql", Position: position), null, null, null);

    internal static PreparedStatement Ready(SqliteDatabase database, SqliteSession session, sqlite3_stmt statement) => new(null, database, session, statement);
}
