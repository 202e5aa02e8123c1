using System.Text.Json;

namespace McpShield.Policy.Tests.Fuzz;

/// <summary>Texts to start from: what the conformance cases hold, and every input that ever found something.</summary>
internal static class FuzzSeeds
{
    /// <summary>Pieces that mean something to one of the readers.</summary>
    public static readonly string[] Tokens =
    [
        "\n", "\r\n", "\r", "\t", " ", "  ", "\0", "\u0085", "\u2028", "\uFEFF", "\u200b", "\u00ad", "\ud800", "\udc00", "\U0001F512", "é", "e\u0301", "ﬁ", "K", "İ", "ß", "．", "／", "日本",
        "#", " # x\n", ": ", "- ", "-\n", "? ", "[", "]", "{", "}", ",", "&a ", "*a", "<<: ", "!!str ", "!", "|\n", "|-\n", ">+\n", "|2\n", "---\n", "...\n", "%YAML 1.1\n", "'", "\"", "\\", "\\u0000", "\\ud83d", "\\x41", "~", "null", "true", "yes",
        "version: 1\n", "rules:\n", "rules: []\n", "  - tool: '*'\n    decision: allow\n", "    conditions:\n", "default: allow\n", "mode: shadow\n", "settings: {path_style: windows, working_directory: 'C:\\w'}\n", "shadow: true", "{params: [a, /b/0], any_of: ['*']}",
        "path_prefix: /data", "path_glob: ['/**/*.md', '**']", "allowed_domains: ['*.example.com:443']", "allowed_ips: ['10.0.0.0/8', '::/0']", "blocked_domains: [a.b]", "parameters: {n: {type: integer, min: -1e9, max: 1e400, enum: [1, x, null]}}", "pattern: '(a|b)*?c{2,5}'",
        "principal: {roles: [a], agents: ['*?']}", "time: {days: [mon], between: '22:00-06:00', tz: Europe/Paris}", "session_labels: {none_of: [x]}", "calls_in_session: {tool: '*', max: 1}", "max_argument_bytes: 3", "schema: pinned", "not: {any: [{all: [{environment: dev}]}]}",
        "rate_limit: {limit: 60/1m, key: [tool, session]}", "filters: {arguments: [secrets, pii], results: [pii]}", "labels: {add: [x]}", "assertions:\n  - never: {tool: '*', decision: allow}\n", "tests:\n  - {name: t, call: {tool: a.b}, expect: {decision: deny}}\n",
        "0", "1", "-0", "-1", "1e400", "1e-400", "1E+2", "0.1", "100.000000000000000000001", "9223372036854775808", "2147483647", "1e999999999999", "00", "01", "1.", ".5", "NaN", "{}", "[]", "[[[[", "{\"a\":", "\"path\":", "\"Path\":", "\"url\":", "\"arguments\":", "\"arguments_json\":\"{}\"", "\"tool\":\"a.b\"", "\"session\":{\"calls\":{\"a.b\":1}}",
        "/", "//", "///", ".", "..", "/../", "%2e", "%2f", "%5c", "%00", "%252e", "%25", "%", "~", "$", "${HOME}", "$(x)", "%PATH%", "\\", "\\\\", "\\\\?\\", "C:", "C:\\", "c:/", "CON", "NUL.txt", "COM¹", "PROGRA~1", ":$DATA", "file:", "file:///", "file://localhost/", "*", "**", "?", "**/",
        "https://", "http:\\\\", "ftp://", "@", ":443", ":0", ":65536", "[::1]", "[::ffff:10.0.0.1]", "[fe80::1%25eth0]", "2130706433", "0x7f.1", "127.0.0.1", "xn--", "xn--bcher-kva", "bücher", "a.b.", "..", "_", "/docs?q#f", "10.0.0.0/8", "2001:db8::/32", "::", "/33",
        "4111 1111 1111 1111", "4111\u200b111111111111", "GB82 WEST 1234 5698 7654 32", "ann@example.com", "AKIAIOSFODNN7EXAMPLE", "+49 30 901820", "-----BEGIN PRIVATE KEY-----", "eyJhbGciOiJIUzI1NiJ9.e30.x", "postgres://u:p@h/d", "10.0.0.1", "{\"a\":\"4111111111111111\"}",
        "\"$ref\":\"#\"", "\"type\":\"object\"", "\"properties\":{\"a\":{}}", "\"pattern\":\"^a+$\"", "\"anyOf\":[{}]", "\"items\":{}", "\"enum\":[1]", "\"minimum\":1",
    ];

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fuzz", "corpus");

    /// <summary>Inputs that once found something, by target, in the order of the files.</summary>
    public static IReadOnlyList<(string Target, string Input, string Why)> Kept { get; } = ReadKept();

    /// <summary>Texts of the conformance cases, by what they are.</summary>
    public static FuzzTexts Texts { get; } = ReadCases();

    private static List<(string, string, string)> ReadKept()
    {
        var kept = new List<(string, string, string)>();
        foreach (var file in Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                // Units as numbers where a text is no valid Unicode: JSON could not hold it.
                var input = entry.TryGetProperty("units", out var units) ? string.Concat(units.EnumerateArray().Select(static unit => (char)unit.GetUInt16())) : entry.GetProperty("input").GetString()!;
                kept.Add((entry.GetProperty("target").GetString()!, string.Concat(Enumerable.Repeat(input, entry.TryGetProperty("times", out var times) ? times.GetInt32() : 1)), entry.GetProperty("why").GetString()!));
            }
        }

        return kept;
    }

    private static FuzzTexts ReadCases()
    {
        var (policies, calls, arguments, strings, secrets) = (new List<string>(), new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Conformance"), "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var root = document.RootElement;
            policies.AddRange(root.GetProperty("policies").EnumerateObject().Select(static policy => policy.Value.GetString()!));
            if (root.TryGetProperty("load_cases", out var loads)) policies.AddRange(loads.EnumerateArray().Select(static load => load.GetProperty("yaml").GetString()!));
            foreach (var entry in root.GetProperty("cases").EnumerateArray())
            {
                var call = entry.GetProperty("call");
                calls.Add(call.GetRawText());
                var text = call.TryGetProperty("arguments_json", out var raw) ? raw.GetString()! : call.TryGetProperty("arguments", out var value) ? value.GetRawText() : "{}";
                arguments.Add(text);
                if (call.TryGetProperty("arguments", out value)) strings.AddRange(Strings(value));
            }

            if (!root.TryGetProperty("redaction_cases", out var redactions)) continue;
            secrets.AddRange(redactions.EnumerateArray().Select(static one => string.Concat(one.GetProperty("text_parts").EnumerateArray().Select(static part => part.GetString()))));
        }

        return new(Distinct(policies), Distinct(calls), Distinct(arguments), Distinct(strings), Distinct(secrets));
    }

    private static IEnumerable<string> Strings(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(static member => Strings(member.Value)),
        _ => [],
    };

    private static string[] Distinct(List<string> texts) => [.. texts.Distinct(StringComparer.Ordinal)];
}

/// <summary>Texts by what they are.</summary>
internal sealed record FuzzTexts(string[] Policies, string[] Calls, string[] Arguments, string[] Strings, string[] Secrets);
