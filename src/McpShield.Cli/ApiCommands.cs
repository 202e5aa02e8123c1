using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using McpShield.Cli.Api;
using McpShield.Contracts;
using McpShield.Contracts.Client;
using Spectre.Console;

namespace McpShield.Cli;

/// <summary>What commands over the API have in common: how they fail, print, and find what is named.</summary>
internal static class ApiCommands
{
    private const int PageSize = 200;

    /// <summary>Asks the API; what it refuses, and that it cannot be reached, becomes one line and an exit code.</summary>
    public static async Task<int> RunAsync(string? api, Func<ShieldClient, Task<int>> ask)
    {
        using var session = ApiSession.Open(api);
        try
        {
            return await ask(session.Api);
        }
        catch (ShieldProblem no)
        {
            var fields = string.Concat(no.Errors.Select(static field => $"; {field.Key}: {string.Join(", ", field.Value)}"));
            var places = string.Concat(no.Diagnostics.Select(static one => string.Create(CultureInfo.InvariantCulture, $"\n  {one.Line}:{one.Column} {one.Message} [{one.Code}]")));
            throw new CommandException(ExitCodes.No, $"{no.Message}{fields} [{no.Code}]{places}");
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new CommandException(ExitCodes.Unreachable, $"the API cannot be reached: {failure.Message}");
        }
    }

    /// <summary>Every entry of a list, page by page.</summary>
    public static async Task<IReadOnlyList<T>> AllAsync<T>(Func<string?, int, Task<Page<T>>> read)
    {
        var (all, cursor) = (new List<T>(), (string?)null);
        do
        {
            var page = await read(cursor, PageSize);
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }

    /// <summary>The project that is meant: by its id, or by its name.</summary>
    public static async Task<ProjectResponse> ProjectAsync(ShieldClient api, string named, Guid? organization, CancellationToken ct)
    {
        if (Guid.TryParse(named, out var id)) return await api.Projects.GetAsync(id, ct);
        var all = await AllAsync((cursor, limit) => api.Projects.ListAsync(ct, cursor, limit, organization));
        return all.FirstOrDefault(project => project.Name == named) ?? throw new CommandException(ExitCodes.No, $"there is no project `{named}`; `mcpshield projects list` shows those there are");
    }

    /// <summary>One JSON document on one line.</summary>
    public static Task PrintAsync<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLineAsync(JsonSerializer.Serialize(value, type));

    /// <summary>A table for people; in a pipe its lines stay whole.</summary>
    public static void Show(string[] columns, IEnumerable<string?[]> rows)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 240;
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns(columns);
        foreach (var row in rows) table.AddRow(row.Select(Cell));
        AnsiConsole.Write(table);
    }

    public static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    // THREAT: names come from others; an escape sequence in one would speak to the terminal of whoever looks.
    private static Text Cell(string? text) => new(string.IsNullOrEmpty(text) ? "–" : string.Concat(text.Select(static character => char.IsControl(character) ? '\uFFFD' : character)));
}
