using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using McpShield.Adapters;
using McpShield.Adapters.Sqlite;
using McpShield.Audit;
using McpShield.Gateway.Asking;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>A SQLite database as a tool of the gateway's own: <c>query</c>.</summary>
internal sealed class SqliteUpstream(SqliteConnectionSpec spec, UpstreamLimits limits, TimeProvider clock) : IUpstream
{
    private readonly SqliteDatabase database = new(spec.Path, SqliteLimits.Default, clock);

    public string Name => spec.Name;

    public Action? ToolsChanged { get; set; }

    public void Offer(ServerRequests allowed)
    {
        // A database asks nothing.
    }

    public async Task<ImmutableArray<ToolDefinition>> ListToolsAsync(CancellationToken ct)
    {
        try
        {
            using var tree = JsonTree.TryRead(Definition(await database.DescribeAsync(ct)), limits.Message, out var read, out var fault) ? read! : throw new InvalidOperationException(fault.Message);
            return [ToolDefinition.Read(Name, tree.Root)!];
        }
        catch (StatementFailureException failure)
        {
            throw new UpstreamException(CallStatus.Unreachable, $"connection `{Name}`: {failure.Message}", failure);
        }
    }

    public async ValueTask<PreparedCall> PrepareAsync(ToolDefinition tool, JsonView arguments, CancellationToken ct)
    {
        if (arguments["sql"u8].AsString() is not { } sql) return new QueryCall(tool, arguments, null, new(DetailCode.WrongType, "the argument `sql` must be a string", "/sql"));
        var prepared = await database.PrepareAsync(sql, ct);
        return new QueryCall(tool, arguments, prepared, prepared.Refusal);
    }

    public async Task<UpstreamAnswer> CallAsync(PreparedCall call, IProgress<UpstreamProgress>? progress, CallQuestions? questions, CancellationToken ct)
    {
        try
        {
            var table = await database.ExecuteAsync(((QueryCall)call).Prepared!, ct);
            return Answer(json => WriteTable(json, table));
        }
        catch (StatementFailureException failure) when (failure.Kind is StatementFailureKind.Engine or StatementFailureKind.TooLarge)
        {
            return Answer(json => WriteFailure(json, failure.Message));
        }
        catch (StatementFailureException failure)
        {
            throw new UpstreamException(failure.Kind is StatementFailureKind.Cancelled ? CallStatus.Cancelled : CallStatus.TimedOut, failure.Message, failure);
        }
    }

    public ValueTask DisposeAsync()
    {
        database.Dispose();
        return ValueTask.CompletedTask;
    }

    private byte[] Definition(IReadOnlyList<(string Table, IReadOnlyList<string> Columns)> described)
    {
        var tables = string.Join("; ", described.Select(static entry => $"{entry.Table}({string.Join(", ", entry.Columns)})"));
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("name", "query");
            json.WriteString("title", $"Query {Name}");
            json.WriteString("description", $"Runs one read-only SQL statement (SQLite dialect) on the database \"{Name}\" and returns its rows, at most {SqliteLimits.Default.MaxRows}. Tables and views: {tables}.");
            json.WritePropertyName("inputSchema");
            json.WriteRawValue("""{"type":"object","properties":{"sql":{"type":"string","description":"One SELECT statement, without parameters."}},"required":["sql"],"additionalProperties":false}""");
            json.WritePropertyName("outputSchema");
            json.WriteRawValue("""{"type":"object","properties":{"columns":{"type":"array","items":{"type":"string"}},"rows":{"type":"array","items":{"type":"array"}},"row_count":{"type":"integer"},"truncated":{"type":"boolean"}},"required":["columns","rows","row_count","truncated"]}""");
            json.WritePropertyName("annotations");
            json.WriteRawValue("""{"readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}""");
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteTable(Utf8JsonWriter json, ResultTable table)
    {
        WriteContent(json, table.ToText());
        json.WritePropertyName("structuredContent");
        table.WriteTo(json);
    }

    private static void WriteFailure(Utf8JsonWriter json, string message)
    {
        WriteContent(json, $"The statement failed: {message}");
        json.WriteBoolean("isError", value: true);
    }

    private static void WriteContent(Utf8JsonWriter json, string text)
    {
        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private UpstreamAnswer Answer(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartObject("result");
            write(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return JsonTree.TryRead(output.WrittenMemory, limits.Message, out var tree, out var fault)
            ? new(tree!, tree!.Root["result"u8], default)
            : throw new UpstreamException(CallStatus.Refused, $"the result of connection `{Name}` is refused: {fault.Message}");
    }

    private sealed class QueryCall(ToolDefinition tool, JsonView arguments, PreparedStatement? prepared, DecisionDetail? refusal) : PreparedCall(tool, arguments)
    {
        public PreparedStatement? Prepared => prepared;

        public override StatementVerdict? Statement { get; } = refusal is null ? StatementVerdict.Accepted : new(refusal);

        protected override void Dispose(bool disposing)
        {
            prepared?.Dispose();
            base.Dispose(disposing);
        }
    }
}
