using System.Buffers;
using System.Globalization;
using McpShield.Policy.Json;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Redaction;

/// <summary>A JSON value, rewritten where something was found; every other byte stays as it was.</summary>
internal sealed class JsonPass(RedactionRun run, int depth, Action<JsonView, List<Hit>>? report)
{
    private readonly List<(int Start, int Length, byte[] Text)> edits = [];
    private readonly List<string> path = [];

    /// <summary>The value with its changes, empty when there are none.</summary>
    public ReadOnlyMemory<byte> Rewrite(JsonView root)
    {
        Visit(root, "");
        if (edits.Count == 0) return default;

        var raw = root.Raw;
        var at = 0;
        var output = new ArrayBufferWriter<byte>(raw.Length);
        foreach (var (start, length, text) in edits)
        {
            output.Write(raw[at..(start - root.Offset)]);
            output.Write(text);
            at = start - root.Offset + length;
        }

        output.Write(raw[at..]);
        return output.WrittenMemory;
    }

    private void Visit(JsonView value, string name)
    {
        switch (value.Kind)
        {
            case JsonKind.Object:
                VisitObject(value);
                break;

            case JsonKind.Array:
                var index = 0;
                foreach (var item in value.Items)
                {
                    path.Add(index++.ToString(CultureInfo.InvariantCulture));
                    Visit(item, name);
                    path.RemoveAt(path.Count - 1);
                }

                break;

            case JsonKind.String:
                var text = value.GetString();
                var rewritten = run.Rewrite(text, name, depth, out var hits);
                Report(value, hits, isName: false);
                if (!ReferenceEquals(rewritten, text) && rewritten != text) Edit(value, rewritten);
                break;

            case JsonKind.Number:
                VisitNumber(value, name);
                break;
        }
    }

    // A number that is found becomes a string, whole: a mask is no number, and half a number is another number.
    private void VisitNumber(JsonView value, string name)
    {
        var text = System.Text.Encoding.UTF8.GetString(value.Raw);
        var digits = Plain(text);
        var rewritten = run.RewritePlain(digits, name, out var hits);
        if (!ReferenceEquals(digits, text)) hits = [.. hits.Take(1).Select(hit => hit with { Start = 0, End = text.Length })];
        Report(value, hits, isName: false);
        if (rewritten != digits) Edit(value, rewritten);
    }

    // THREAT: 4.111111111111111e15 and 4111111111111111.0 are the same card.
    private static string Plain(string text) =>
        text.AsSpan().ContainsAny('.', 'e', 'E') && text.Length <= 64
        && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && decimal.Truncate(number) == number
            ? number.ToString("F0", CultureInfo.InvariantCulture)
            : text;

    private void VisitObject(JsonView value)
    {
        var members = new List<(JsonView.Member Member, string Name, string Rewritten, List<Hit> Hits)>(value.Count);
        foreach (var member in value.Members)
        {
            var name = member.Name.GetString();
            members.Add((member, name, run.RewritePlain(name, "", out var hits), hits));
        }

        var names = Distinct([.. members.Select(static one => (one.Name, one.Rewritten))]);
        for (var i = 0; i < members.Count; i++)
        {
            path.Add(names[i]);
            Report(members[i].Member.Name, members[i].Hits, isName: true);
            if (names[i] != members[i].Name) Edit(members[i].Member.Name, names[i]);
            Visit(members[i].Member.Value, members[i].Name);
            path.RemoveAt(path.Count - 1);
        }
    }

    // INVARIANT: two names that are masked alike stay two names, for every reader; a member that vanished would be a lost value.
    private static string[] Distinct((string Name, string Rewritten)[] names)
    {
        var rewritten = Array.ConvertAll(names, static pair => pair.Rewritten);
        if (names.All(static pair => pair.Name == pair.Rewritten)) return rewritten;

        var taken = new HashSet<string>(names.Where(static pair => pair.Name == pair.Rewritten).Select(static pair => UnicodeText.FoldForComparison(pair.Name)), StringComparer.Ordinal);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Name == names[i].Rewritten) continue;
            var wanted = names[i].Rewritten;
            while (!taken.Add(UnicodeText.FoldForComparison(rewritten[i])))
            {
                counts[wanted] = counts.GetValueOrDefault(wanted, 1) + 1;
                rewritten[i] = $"{wanted} ({counts[wanted]})";
            }
        }

        return rewritten;
    }

    private void Report(JsonView value, List<Hit> hits, bool isName)
    {
        if (hits.Count == 0) return;
        if (report is not null)
        {
            report(value, hits);
            return;
        }

        var pointer = string.Concat(path.Select(static part => "/" + part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
        foreach (var hit in hits) run.Report(hit, hit.Start, hit.End - hit.Start, pointer, isName);
    }

    private void Edit(JsonView value, string text)
    {
        var buffer = new ArrayBufferWriter<byte>(text.Length + 2);
        CanonicalJson.WriteString(text, buffer);
        edits.Add((value.Offset, value.Raw.Length, buffer.WrittenSpan.ToArray()));
    }
}
