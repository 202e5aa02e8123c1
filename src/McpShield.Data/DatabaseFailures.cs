using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace McpShield.Data;

/// <summary>What a database's refusal means, whichever database it was.</summary>
public static class DatabaseFailures
{
    private const int SqliteConstraint = 19;
    internal const int SqliteConstraintForeignKey = 787;
    private const int SqliteConstraintPrimaryKey = 1555;
    private const int SqliteConstraintUnique = 2067;

    /// <summary>Whether a row was refused because there is one like it.</summary>
    public static bool IsUniqueViolation(this DbUpdateException failure) => failure.InnerException switch
    {
        PostgresException refused => refused.SqlState == PostgresErrorCodes.UniqueViolation,
        SqliteException { SqliteErrorCode: SqliteConstraint, SqliteExtendedErrorCode: SqliteConstraintPrimaryKey or SqliteConstraintUnique } => true,
        _ => false,
    };

    /// <summary>Whether a row was refused because what it belongs to is gone, or something still belongs to it.</summary>
    public static bool IsForeignKeyViolation(this DbUpdateException failure) => failure.InnerException switch
    {
        PostgresException refused => refused.SqlState == PostgresErrorCodes.ForeignKeyViolation,
        SqliteException { SqliteErrorCode: SqliteConstraint, SqliteExtendedErrorCode: SqliteConstraintForeignKey } => true,
        _ => false,
    };
}
