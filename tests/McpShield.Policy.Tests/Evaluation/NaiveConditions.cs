using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>Conditions as sections 2, 4, 5 and 6 of the policy language tell them. Slow and obvious; no code of the library is used.</summary>
/// <remarks>Truth is a number: 0 false, 1 error, 2 true. So <c>all</c> is the least, <c>any</c> the greatest, and <c>not x</c> is 2 − x.</remarks>
internal sealed class NaiveConditions(JsonElement arguments, ContextSketch context)
{
    private const int False = 0, Error = 1, True = 2;
    private const RegexOptions Plainly = RegexOptions.CultureInvariant;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Know the odd paths and URLs that are generated, not every odd one.
    private static readonly Regex PosixPath = new(@"\A(?:/|///+)(?:[^/\\%$\u200b][^\\%$\u200b]*)?\z", Plainly, Patience);
    private static readonly Regex FileUri = new(@"\Afile://(?:localhost)?(?=/)", Plainly | RegexOptions.IgnoreCase, Patience);
    private static readonly Regex Url = new(@"\A(?<scheme>https|http|ftp|file)://(?<host>[a-z0-9.-]+?|\[[0-9a-f:.]+\])\.?(?::(?<port>[1-9][0-9]*))?(?:[/?][^\\]*)?\z", Plainly, Patience);
    private static readonly Regex UrlStart = new(@"\A\s*[A-Za-z][A-Za-z0-9+.-]+:[/\\][/\\]", Plainly, Patience);
    private static readonly Regex Hump = new("(?<=[a-z0-9])(?=[A-Z])", Plainly, Patience);

    private static readonly HashSet<string> PathNames = [.. "path paths file files filename filenames filepath dir dirs directory folder root cwd source src destination dest dst target old_path new_path".Split(' ')];
    private static readonly HashSet<string> UrlNames = [.. "url urls uri uris href link links endpoint webhook callback".Split(' ')];
    private static readonly string[] PathEndings = "_path _paths _file _files _filename _dir _directory _folder".Split(' ');
    private static readonly string[] UrlEndings = "_url _urls _uri _uris _href _endpoint _webhook _callback".Split(' ');

    private static readonly Dictionary<string, int> Offsets = new(StringComparer.Ordinal) { ["UTC"] = 0, ["Asia/Kolkata"] = 330, ["Etc/GMT+5"] = -300 };
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>How the values of a condition are taken together: <c>any</c> in a deny rule, turned round under <c>not</c>; open where nothing that is not given restricts.</summary>
    internal readonly record struct Reading(bool Any, bool IsOpen);

    public int Block(BlockSketch block, Reading reading) => block.Parts.Min(part => Truth(part, reading));

    public int Truth(ConditionSketch condition, Reading reading) => condition switch
    {
        AllSketch all => all.Blocks.Min(block => Block(block, reading)),
        AnySketch any => any.Blocks.Max(block => Block(block, reading)),
        NotSketch not => 2 - Block(not.Block, new(!reading.Any, IsOpen: true)),
        PrefixSketch path => Together(Values(path.Parameters, isPath: true).Select(value => Inside(value, path.Prefixes)), reading.Any),
        ExtensionSketch path => Together(Values(path.Parameters, isPath: true).Select(value => HasExtension(value, path.Extensions)), reading.Any),
        UrlSketch url => Together(Values(url.Parameters, isPath: false).Select(value => Listed(value, url, reading.IsOpen)), reading.Any),
        BlockedSketch url => Values(url.Parameters, isPath: false).Select(value => 2 - Listed(value, new(url.Domains, null, null, null, null), isOpen: true)).Append(True).Min(),
        ParametersSketch parameters => parameters.Tests.Min(Parameter),
        PrincipalSketch who => Of((who.Agents is null || who.Agents.Any(glob => Matches(glob, context.Agent)))
            && (who.Users is null || who.Users.Any(glob => Matches(glob, context.User)))
            && (who.Roles is null || who.Roles.Any(context.Roles.Contains))
            && (who.Scopes is null || who.Scopes.Any(context.Scopes.Contains))),
        EnvironmentSketch here => Of(context.Environment is not null && here.Environments.Contains(context.Environment)),
        ClientIpSketch callers => context.ClientIp is not null && Address(context.ClientIp) is { } address ? Of(callers.Ranges.Any(range => Contains(range, address))) : Error,
        TimeSketch time => context.Time is { } moment ? Of(IsAt(time, moment)) : Error,
        LabelsSketch labels => Of(!(labels.None ?? []).Any(context.Labels.Contains) && (labels.Any is null || labels.Any.Any(context.Labels.Contains)) && (labels.All ?? []).All(context.Labels.Contains)),
        CallsSketch calls => Of(context.Calls.Where(call => Matches(calls.Tool, call.Tool)).Sum(static call => call.Count) < calls.Max),
        _ => throw new InvalidOperationException($"no meaning for {condition}"),
    };

    /// <summary>Whole, ordinal; <c>*</c> any run, <c>?</c> one.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        if (pattern.IsEmpty) return text.IsEmpty;
        if (pattern[0] == '*') return Matches(pattern[1..], text) || (!text.IsEmpty && Matches(pattern, text[1..]));
        return !text.IsEmpty && (pattern[0] == '?' || pattern[0] == text[0]) && Matches(pattern[1..], text[1..]);
    }

    private static int Of(bool holds) => holds ? True : False;

    private static int Together(IEnumerable<int> values, bool any)
    {
        var all = values.ToList();
        return all.Count == 0 ? False : any ? all.Max() : all.Min();
    }

    // Which arguments: those that are named, every leaf in them; else by name at any depth, the value going first.
    private List<JsonElement> Values(string[]? names, bool isPath)
    {
        var values = new List<JsonElement>();
        if (names is null) Collect(arguments, "", isPath, values);
        foreach (var name in names ?? [])
        {
            if (Find(name) is { } value) Leaves(value, values);
        }

        return values;
    }

    private static void Collect(JsonElement value, string name, bool isPath, List<JsonElement> into)
    {
        if (value.ValueKind is JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject()) Collect(member.Value, member.Name, isPath, into);
        }
        else if (value.ValueKind is JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray()) Collect(item, name, isPath, into);
        }
        else if (IsOneBy(value, name, isPath)) into.Add(value);
    }

    private static bool IsOneBy(JsonElement leaf, string name, bool isPath)
    {
        if (leaf.ValueKind is JsonValueKind.String)
        {
            var text = leaf.GetString()!;
            if (text.TrimStart().StartsWith("file:", StringComparison.OrdinalIgnoreCase)) return isPath;
            if (UrlStart.IsMatch(text)) return !isPath;
        }

        var folded = Hump.Replace(name, "_").ToLowerInvariant();
        return isPath
            ? PathNames.Contains(folded) || PathEndings.Any(ending => folded.EndsWith(ending, StringComparison.Ordinal))
            : UrlNames.Contains(folded) || UrlEndings.Any(ending => folded.EndsWith(ending, StringComparison.Ordinal));
    }

    private static void Leaves(JsonElement value, List<JsonElement> into)
    {
        if (value.ValueKind is JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject()) Leaves(member.Value, into);
        }
        else if (value.ValueKind is JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray()) Leaves(item, into);
        }
        else into.Add(value);
    }

    private JsonElement? Find(string name)
    {
        var value = arguments;
        foreach (var step in name.StartsWith('/') ? name[1..].Split('/') : [name])
        {
            if (value.ValueKind is JsonValueKind.Object && value.TryGetProperty(step, out var member)) value = member;
            else if (value.ValueKind is JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength()) value = value[index];
            else return null;
        }

        return value;
    }

    private static int Inside(JsonElement value, string[] prefixes) => Segments(value) is not { } segments
        ? Error
        : Of(prefixes.Any(prefix => Segments(prefix) is { } wanted && segments.Take(wanted.Count).SequenceEqual(wanted, StringComparer.Ordinal)));

    private static int HasExtension(JsonElement value, string[] extensions)
    {
        if (Segments(value) is not { } segments) return Error;
        var name = segments.Count == 0 ? "" : segments[^1];
        var dot = name.LastIndexOf('.');
        return Of(dot > 0 && extensions.Any(extension => extension.TrimStart('.') == name[(dot + 1)..]));
    }

    private static List<string>? Segments(JsonElement value) => value.ValueKind is JsonValueKind.String ? Segments(value.GetString()!) : null;

    private static List<string>? Segments(string path)
    {
        path = FileUri.Replace(path, "");
        if (!PosixPath.IsMatch(path)) return null;
        var segments = new List<string>();
        foreach (var segment in path.Split('/'))
        {
            if (segment is "" or ".") continue;
            if (segment != "..") segments.Add(segment);
            else if (segments.Count == 0) return null;
            else segments.RemoveAt(segments.Count - 1);
        }

        return segments;
    }

    private static int Listed(JsonElement value, UrlSketch listed, bool isOpen)
    {
        if (value.ValueKind is not JsonValueKind.String) return Error;
        var parts = Url.Match(value.GetString()!.ToLowerInvariant());
        if (!parts.Success) return Error;
        var (scheme, host) = (parts.Groups["scheme"].Value, parts.Groups["host"].Value);
        var isAddress = host[0] == '[' || char.IsAsciiDigit(host[host.LastIndexOf('.') + 1]);
        var address = isAddress ? Address(host.Trim('[', ']')) : null;
        if (isAddress && address is null) return Error;
        int? usual = scheme switch { "https" => 443, "http" => 80, "ftp" => 21, _ => null };
        var port = parts.Groups["port"].Success ? int.Parse(parts.Groups["port"].Value, CultureInfo.InvariantCulture) : usual;
        if (port > 65_535) return Error;

        var isScheme = listed.Schemes?.Contains(scheme) ?? (isOpen || scheme is "https" or "http");
        var isPort = listed.Ports is null ? isOpen || port == usual : port is { } given && listed.Ports.Contains(given);
        if (!isScheme) return False;
        if (listed.Domains is null && listed.Addresses is null) return Of(isPort);
        if (address is not null) return Of(isPort && (listed.Addresses ?? []).Any(range => Contains(range, address)));
        return Of((listed.Domains ?? []).Any(domain =>
        {
            var (name, own) = domain.Split(':') is [var before, var after] ? (before, int.Parse(after, CultureInfo.InvariantCulture)) : (domain, 0);
            var isHost = name.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(name[1..], StringComparison.Ordinal) : host == name;
            return isHost && (own != 0 ? port == own : isPort);
        }));
    }

    // The platform reads addresses loosely, so what it read must also be how it would be written. IPv4 inside IPv6 is judged as that.
    private static IPAddress? Address(string text)
    {
        if (!IPAddress.TryParse(text, out var address)) return null;
        if (address.AddressFamily is AddressFamily.InterNetwork) return address.ToString() == text ? address : null;
        var bytes = address.GetAddressBytes();
        var isNat64 = bytes.Take(12).SequenceEqual(new byte[] { 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0 });
        return address.IsIPv4MappedToIPv6 || isNat64 ? new IPAddress(bytes[12..]) : address;
    }

    private static bool Contains(string range, IPAddress address)
    {
        var (network, length) = (IPAddress.Parse(range.Split('/')[0]).GetAddressBytes(), int.Parse(range.Split('/')[1], CultureInfo.InvariantCulture));
        var bytes = address.GetAddressBytes();
        return bytes.Length == network.Length && Bits(bytes).Take(length).SequenceEqual(Bits(network).Take(length));
    }

    private static IEnumerable<bool> Bits(byte[] bytes) => bytes.SelectMany(static one => Enumerable.Range(0, 8).Select(bit => (one >> (7 - bit) & 1) == 1));

    private static bool IsAt(TimeSketch time, DateTimeOffset moment)
    {
        var local = moment.ToOffset(TimeSpan.FromMinutes(Offsets[time.Zone ?? "UTC"]));
        if (time.Days is not null && !time.Days.Contains(DayNames[(int)local.DayOfWeek])) return false;
        if (time.Between is not var (from, to)) return true;
        var minute = (local.Hour * 60) + local.Minute;
        return from < to ? from <= minute && minute < to : from <= minute || minute < to;
    }

    private int Parameter(ParameterSketch test)
    {
        var found = Find(test.Name);
        if (test.IsForbidden) return Of(found is null);
        if (found is not { } value) return Of(!test.IsRequired);
        var truths = new List<int> { True };
        if (test.Type is not null) truths.Add(IsOfType(value, test.Type) ? True : Error);
        if (test.OneOf is not null) truths.Add(OneOf(value, test.OneOf));
        if (test.Pattern is not null) truths.Add(value.ValueKind is JsonValueKind.String ? Of(Regex.IsMatch(value.GetString()!, $@"\A(?:{test.Pattern})\z", Plainly, Patience)) : Error);
        if (test.Min is not null) truths.Add(value.ValueKind is JsonValueKind.Number ? Of(Exactly(value.GetRawText()) >= Exactly(test.Min)) : Error);
        if (test.Max is not null) truths.Add(value.ValueKind is JsonValueKind.Number ? Of(Exactly(value.GetRawText()) <= Exactly(test.Max)) : Error);
        if (test.MinLength is { } least) truths.Add(value.ValueKind is JsonValueKind.String ? Of(value.GetString()!.EnumerateRunes().Count() >= least) : Error);
        if (test.MaxLength is { } most) truths.Add(value.ValueKind is JsonValueKind.String ? Of(value.GetString()!.EnumerateRunes().Count() <= most) : Error);
        if (test.MaxItems is { } items) truths.Add(value.ValueKind is JsonValueKind.Array ? Of(value.GetArrayLength() <= items) : Error);
        return truths.Min();
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind is JsonValueKind.String,
        "number" => value.ValueKind is JsonValueKind.Number,
        "integer" => value.ValueKind is JsonValueKind.Number && Exactly(value.GetRawText()) % Exactly("1") == 0,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind is JsonValueKind.Array,
        "object" => value.ValueKind is JsonValueKind.Object,
        _ => value.ValueKind is JsonValueKind.Null,
    };

    private static int OneOf(JsonElement value, string[] literals)
    {
        var isOfType = false;
        foreach (var text in literals)
        {
            using var document = JsonDocument.Parse(text);
            var literal = document.RootElement;
            if (TypeOf(literal) != TypeOf(value)) continue;
            isOfType = true;
            var isEqual = TypeOf(value) switch
            {
                "string" => literal.GetString() == value.GetString(),
                "number" => Exactly(literal.GetRawText()) == Exactly(value.GetRawText()),
                "boolean" => literal.GetBoolean() == value.GetBoolean(),
                _ => true,
            };
            if (isEqual) return True;
        }

        return isOfType ? False : Error;
    }

    private static string TypeOf(JsonElement value) => new[] { "string", "number", "boolean", "array", "object", "null" }.First(type => IsOfType(value, type));

    // Every number that is generated is a whole number of 10^-40.
    private static BigInteger Exactly(string number)
    {
        var (mantissa, exponent) = number.ToLowerInvariant().Split('e') is [var before, var after] ? (before, int.Parse(after, CultureInfo.InvariantCulture)) : (number, 0);
        var fraction = mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.Length - 1 - mantissa.IndexOf('.', StringComparison.Ordinal) : 0;
        return BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * BigInteger.Pow(10, 40 + exponent - fraction);
    }
}
