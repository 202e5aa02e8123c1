using McpShield.Policy.Json;

namespace McpShield.Policy.Redaction;

/// <summary>Carries out filters on texts and JSON documents. Immutable, and safe for any number of threads.</summary>
/// <remarks>
/// A pure function of filters, key and text: the bounds are counted in characters and findings, not in time, and every detector takes
/// time linear in its text. Whatever is beyond a bound, and whatever fails, is blocked.
/// </remarks>
public sealed class Redactor
{
    /// <summary>The longest string that is looked at, in UTF-16 code units.</summary>
    public const int MaxText = 1024 * 1024;

    /// <summary>The largest document that is looked at, in bytes.</summary>
    public const int MaxDocument = 8 * 1024 * 1024;

    /// <summary>The shortest key for the action hash, in bytes. A short one could be guessed, and then the values.</summary>
    public const int MinHashKey = 16;

    private readonly Arsenal arsenal;
    private readonly TextPass pass;

    /// <summary>Makes a redactor.</summary>
    /// <param name="filters">What to look for. Where several filters ask for one detector, the strictest action is taken: block, remove, hash, mask, tag.</param>
    /// <param name="hashKey">The key of the action hash, one per organization, at least <see cref="MinHashKey"/> bytes; may be empty when no filter hashes.</param>
    public Redactor(IReadOnlyList<Filter> filters, ReadOnlySpan<byte> hashKey)
    {
        arsenal = new(filters);
        if (arsenal.Hashes && hashKey.Length < MinHashKey) throw new ArgumentException($"the action hash needs a key of at least {MinHashKey} bytes", nameof(hashKey));
        pass = new(arsenal, new(hashKey.ToArray()));
    }

    /// <summary>Looks at a text; JSON objects and arrays in it are looked at value by value.</summary>
    public TextRedaction Redact(string text)
    {
        try
        {
            if (text.Length <= MaxText && arsenal.IsSurelyClean(text)) return new(text, [], BlockCause.None, []);
            var run = new RedactionRun(pass);
            var rewritten = run.Rewrite(text, "", depth: 0, out var hits);
            foreach (var hit in hits) run.Report(hit, hit.Start, hit.End - hit.Start, pointer: null, isName: false);
            return new(run.Cause is BlockCause.None ? rewritten : "", run.Findings, run.Cause, run.Tags);
        }
#pragma warning disable CA1031 // closed: what cannot be looked at does not pass, whatever the reason
        catch (Exception)
#pragma warning restore CA1031
        {
            return new("", [], BlockCause.Failure, []);
        }
    }

    /// <summary>Looks at every string, number and member name of a value, and at JSON within its strings.</summary>
    public JsonRedaction Redact(JsonView value)
    {
        try
        {
            if (!value.Exists) return new(default, [], BlockCause.None, []);
            if (value.Raw.Length > MaxDocument) return new(default, [], BlockCause.TooLarge, []);
            var run = new RedactionRun(pass);
            var rewritten = new JsonPass(run, depth: 0, report: null).Rewrite(value);
            return new(run.Cause is BlockCause.None ? rewritten : default, run.Findings, run.Cause, run.Tags);
        }
#pragma warning disable CA1031 // closed: what cannot be looked at does not pass, whatever the reason
        catch (Exception)
#pragma warning restore CA1031
        {
            return new(default, [], BlockCause.Failure, []);
        }
    }
}
