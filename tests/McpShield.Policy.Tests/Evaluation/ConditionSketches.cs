using CsCheck;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>Conditions and circumstances of every kind, out of words so few that they often meet.</summary>
internal static class ConditionSketches
{
    private static readonly Gen<string[]?> Parameters = Gen.Frequency(
        (5, Gen.Const((string[]?)null)),
        (1, Gen.OneOf("paths", "file", "outputDir", "urls", "href", "filter", "/filter/dir", "/paths/0", "note", "absent").Array[1, 2].Select(static names => (string[]?)names)));

    private static readonly Gen<string> Prefix = Gen.OneOf("/data", "/data/docs", "/docs", "/", "/docs-x");

    private static readonly Gen<string> Domain = Gen.OneOf("example.com", "*.example.com", "api.example.com", "example.com:8443", "*.example.com:443", "example.org");

    private static readonly Gen<string> Range = Gen.OneOf("10.0.0.0/8", "10.0.0.7/32", "192.168.0.0/16", "0.0.0.0/0", "2001:db8::/32", "::1/128", "10.0.0.6/31");

    private static readonly Gen<string> Tool = Gen.OneOf("fs.*", "fs.read", "*", "web.get", "*.re?d");

    private static readonly Gen<ParameterSketch> Parameter = Gen.Select(
        Gen.OneOf("amount", "amount", "currency", "currency", "note", "flag", "tags", "filter", "/filter/year", "/filter/year", "/tags/0", "absent"), Gen.Int[0, 11], Gen.Bool,
        static (name, chance, isRequired) => new ParameterSketch(name, IsForbidden: chance == 0, isRequired)).SelectMany(static plain => Gen.Select(
            Rarely(Gen.OneOf("string", "number", "integer", "boolean", "array", "object", "null")),
            Rarely(Gen.OneOf("\"EUR\"", "\"USD\"", "7", "7.00", "1e2", "\"7\"", "true", "false", "null").Array[1, 3]),
            Rarely(Gen.OneOf("-3", "1", "6.9999999999999999999999999", "7")), Rarely(Gen.OneOf("7", "99", "100", "1e3")),
            Rarely(Gen.Int[0, 4]), Rarely(Gen.Int[0, 4]),
            Rarely(Gen.OneOf("[A-Z]{3}", "E.*|x", "[0-9]+", ".?.?")), Gen.Int[0, 2],
            (type, oneOf, min, max, least, most, pattern, items) => plain with
            {
                Type = type,
                OneOf = oneOf,
                Min = min,
                Max = max,
                MinLength = least > most ? most : least == 0 ? null : least,
                MaxLength = most == 0 ? null : least > most ? least : most,
                Pattern = pattern,
                MaxItems = plain.Name == "tags" ? items : null,
            }));

    private static readonly Gen<ConditionSketch> Simple = Gen.OneOf<ConditionSketch>(
        Gen.Select(Prefix.Array[1, 2], Parameters, static (prefixes, parameters) => (ConditionSketch)new PrefixSketch(prefixes, parameters)),
        Gen.Select(Gen.OneOf("md", ".txt", "gz").Array[1, 2], Parameters, static (extensions, parameters) => (ConditionSketch)new ExtensionSketch(extensions, parameters)),
        Gen.Select(Maybe(Domain.Array[1, 2]), Maybe(Range.Array[1, 2]), Rarely(Gen.OneOf("https", "http", "ftp").Array[1, 2]), Rarely(Gen.OneOf(443, 80, 8443, 21).Array[1, 2]), Parameters,
            static (domains, addresses, schemes, ports, parameters) => (ConditionSketch)new UrlSketch(domains is null && addresses is null && schemes is null && ports is null ? ["*.example.com"] : domains, addresses, schemes, ports, parameters)),
        Gen.Select(Domain.Array[1, 2], Parameters, static (domains, parameters) => (ConditionSketch)new BlockedSketch(domains, parameters)),
        Parameter.Array[1, 2].Select(static tests => (ConditionSketch)new ParametersSketch([.. tests.DistinctBy(static test => test.Name)])),
        Parameter.Select(static test => (ConditionSketch)new ParametersSketch([test])),
        Gen.Select(Rarely(Gen.OneOf("*", "ci-*", "bot", "ci-?").Array[1, 2]), Rarely(Gen.OneOf("ann", "*", "b?b").Array[1, 2]), Maybe(Gen.OneOf("dev", "ops", "dba").Array[1, 2]), Rarely(Gen.OneOf("read", "write").Array[1, 2]),
            static (agents, users, roles, scopes) => (ConditionSketch)new PrincipalSketch(agents, users, agents is null && users is null && scopes is null ? roles ?? ["dev", "ops"] : roles, scopes)),
        Gen.OneOf("dev", "staging", "prod").Array[1, 2].Select(static environments => (ConditionSketch)new EnvironmentSketch([.. environments.Distinct()])),
        Range.Array[1, 3].Select(static ranges => (ConditionSketch)new ClientIpSketch(ranges)),
        Gen.Select(Maybe(Gen.OneOf("mon", "tue", "wed", "thu", "fri", "sat", "sun").Array[1, 4]), Gen.Bool, Gen.OneOf((540, 1020), (1320, 360), (0, 720), (1020, 1021)), Gen.OneOf(null, null, "UTC", "Asia/Kolkata", "Etc/GMT+5"),
            static (days, hasSpan, span, zone) => (ConditionSketch)new TimeSketch(days is null ? null : [.. days.Distinct()], days is null || hasSpan ? span : null, zone)),
        Gen.Select(Labels(), Labels(), Labels(), static (none, any, all) => (ConditionSketch)new LabelsSketch(none is null && any is null && all is null ? ["private_data"] : none, any, all)),
        Gen.Select(Tool, Gen.Int[1, 5], static (tool, max) => (ConditionSketch)new CallsSketch(tool, max)));

    /// <summary>A block of one or two conditions, nested up to three deep.</summary>
    public static readonly Gen<BlockSketch> Block = BlockOf(Nested(BlockOf(Nested(BlockOf(Simple)))));

    public static readonly Gen<string> AddressUrl = Gen.Select(
        Gen.OneOf("https", "http", "ftp"),
        Gen.OneOf("10.0.0.7", "10.1.2.3", "192.168.0.1", "8.8.8.8", "[::1]", "[::ffff:10.0.0.7]", "[2001:db8::5]", "[64:ff9b::a00:7]", "[fe80::1]", "010.0.0.7", "10.1"),
        Gen.OneOf("", "", ":443", ":8443"),
        static (scheme, host, port) => $"{scheme}://{host}{port}/x");

    /// <summary>Arguments beside the paths and URLs; each name once.</summary>
    public static readonly Gen<(string Name, string Json)[]> More = Gen.OneOf<(string, string)>(
        Named("amount", "7", "7.0", "70e-1", "100", "100.000000000000000000001", "-3", "0", "6.99", "\"7\"", "null", "true"),
        Named("amount", "7", "100", "99", "1E2"),
        Named("currency", "\"EUR\"", "\"USD\"", "\"eur\"", "\"EURO\"", "\"\"", "\"\\uD83D\\uDD12x\"", "7", "null"),
        Named("note", "\"\"", "\"x\"", "\"https://api.example.com/\"", "\" file:///data/docs\"", "\"a:b\"", "\"7\"", "[1]"),
        Named("flag", "true", "false", "\"true\"", "1"),
        Named("tags", "[]", "[\"EUR\"]", "[1,2,3]", "{}", "\"x\""),
        Named("filter", "{\"year\":2025}", "{\"year\":7.0,\"dir\":\"/data/docs\"}", "{\"dir\":[\"/data\",\"/docs/a.md\"]}", "{\"link\":\"https://example.org\"}", "{}", "[7]", "{\"dir\":7}"),
        Named("file", "\"/data/a.md\"", "\"/docs/../data\"", "7", "null", "\"\"", "[\"/data\"]"),
        Named("outputDir", "\"/data\"", "\"/docs/x\"", "false"),
        Named("href", "\"https://example.com\"", "\"http://10.0.0.7/\"", "{}", "0")).Array[0, 4].Select(static all => all.DistinctBy(static one => one.Item1).ToArray());

    public static readonly Gen<ContextSketch> Context = Gen.Select(
        Gen.OneOf("", "bot", "ci-1", "ci-main"), Gen.OneOf("", "ann", "bob"),
        Gen.OneOf("dev", "ops", "dba", "guest").Array[0, 2], Gen.OneOf("read", "write").Array[0, 2],
        Gen.OneOf("private_data", "untrusted_content", "seen").Array[0, 2],
        Gen.Select(Gen.OneOf("fs.read", "fs.write", "web.get"), Gen.Int[0, 4], static (tool, count) => (tool, count)).Array[0, 2],
        Gen.Select(
            Gen.Select(Gen.Int[0, 19], Gen.Int[0, (7 * 24 * 60) - 1], Gen.OneOf(0, 120, -300), Gen.OneOf(0, 0, 59), Moment),
            Gen.OneOf(null, "10.0.0.7", "10.9.9.9", "192.168.1.1", "2001:db8::9", "::ffff:10.0.0.7", "::1", "8.8.8.8", "not an address"),
            Gen.OneOf(null, "dev", "staging", "prod", "other"),
            static (time, ip, environment) => (time, ip, environment)),
        static (agent, user, roles, scopes, labels, calls, at) => new ContextSketch(agent, user, roles, scopes, labels, [.. calls.DistinctBy(static call => call.tool)], at.time, at.ip, at.environment));

    private static DateTimeOffset? Moment(int chance, int minute, int offset, int second)
    {
        // Whole borders, too: nine, five, midnight and noon.
        var at = chance < 6 ? (minute / 1440 * 1440) + (new[] { 540, 1020, 1320, 360, 0, 720 }[chance] - offset) : minute;
        return chance == 19 ? null : new DateTimeOffset(2026, 11, 23, 0, 0, second, TimeSpan.Zero).AddMinutes(at).ToOffset(TimeSpan.FromMinutes(offset));
    }

    private static Gen<ConditionSketch> Nested(Gen<BlockSketch> block) => Gen.Frequency(
        (4, Simple),
        (1, block.Array[1, 2].Select(static blocks => (ConditionSketch)new AllSketch(blocks))),
        (2, block.Array[1, 3].Select(static blocks => (ConditionSketch)new AnySketch(blocks))),
        (2, block.Select(static one => (ConditionSketch)new NotSketch(one))));

    // A key stands once in a block.
    private static Gen<BlockSketch> BlockOf(Gen<ConditionSketch> part) => part.Array[1, 2].Select(static parts => new BlockSketch([.. parts.DistinctBy(static one => one.GetType())]));

    private static Gen<(string, string)> Named(string name, params string[] values) => Gen.OneOf(values).Select(value => (name, value));

    private static Gen<string[]?> Labels() => Rarely(Gen.OneOf("private_data", "untrusted_content", "seen").Array[1, 2]);

    private static Gen<T?> Maybe<T>(Gen<T> value) where T : class => Gen.Select(Gen.Bool, value, static (isThere, one) => isThere ? one : null);

    private static Gen<T?> Rarely<T>(Gen<T> value) where T : class => Gen.Select(Gen.Int[0, 3], value, static (chance, one) => chance == 0 ? one : null);

    private static Gen<int?> Rarely(Gen<int> value) => Gen.Select(Gen.Int[0, 3], value, static (chance, one) => chance == 0 ? (int?)one : null);
}
