using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace McpShield.Data.Audits;

/// <summary>One statement with named parameters, for both databases.</summary>
internal static class Commands
{
    [SuppressMessage("Security", "CA2100", Justification = "every text is put together from constants of this folder; values are parameters")]
    public static DbCommand Command(this DbConnection connection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@{name}";
            parameter.Value = value ?? DBNull.Value;
            // A null says nothing of its type; every parameter of ours that can be null is a text.
            if (value is null) parameter.DbType = System.Data.DbType.String;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    public static async Task<object?> ReadScalarAsync(this DbConnection connection, string sql, (string Name, object? Value)[] parameters, CancellationToken ct = default)
    {
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteScalarAsync(ct);
    }

    public static async Task<int> RunAsync(this DbConnection connection, string sql, (string Name, object? Value)[] parameters, CancellationToken ct = default)
    {
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(ct);
    }
}
