using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace McpShield.Web.Features.Docs;

/// <summary>A page of the documentation.</summary>
/// <param name="Slug">Its place below <c>/docs/</c>.</param>
/// <param name="Title">Its first heading.</param>
/// <param name="Html">Its text; safe, for it is our own and raw HTML in it stays text.</param>
/// <param name="Outline">Its sections.</param>
/// <param name="Sections">What is searched.</param>
internal sealed record DocsPageContent(string Slug, string Title, string Html, IReadOnlyList<DocsHeading> Outline, IReadOnlyList<DocsSection> Sections);

/// <summary>A heading that the outline shows.</summary>
internal sealed record DocsHeading(int Level, string Id, string Text);

/// <summary>A stretch of text under a heading.</summary>
internal sealed record DocsSection(string Title, string Id, string Text);

/// <summary>A place where words were found.</summary>
internal sealed record DocsHit(string Slug, string Page, string Title, string Id, string Excerpt);

/// <summary>The Markdown of <c>docs/</c>, which is compiled in, as pages.</summary>
internal sealed partial class DocsLibrary
{
    private const string Prefix = "docs/";
    private const int MostHits = 30;

    private static readonly (string Title, string[] Slugs)[] Order =
    [
        ("Begin", ["running", "api"]),
        ("Policies", ["policy-language", "policy-testing", "policy-analysis", "redaction", "cookbook"]),
        ("Trust", ["audit-log", "events", "protocol", "assurance", "benchmarks", "architecture"]),
    ];

    private readonly FrozenDictionary<string, DocsPageContent> pages;

    public DocsLibrary()
    {
        var assembly = typeof(DocsLibrary).Assembly;
        pages = assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => Read(assembly, name))
            .ToFrozenDictionary(static page => page.Slug, StringComparer.Ordinal);
        Tree = [.. Order.Select(group => (group.Title, (IReadOnlyList<DocsPageContent>)[.. group.Slugs.Where(pages.ContainsKey).Select(slug => pages[slug])]))];
    }

    /// <summary>The pages that have a place in the tree, by group.</summary>
    public IReadOnlyList<(string Title, IReadOnlyList<DocsPageContent> Pages)> Tree { get; }

    /// <summary><c>null</c>: there is no such page.</summary>
    public DocsPageContent? Find(string slug) => pages.GetValueOrDefault(slug);

    /// <summary>The pages before and after in the tree.</summary>
    public (DocsPageContent? Before, DocsPageContent? After) Neighbours(string slug)
    {
        var all = Tree.SelectMany(static group => group.Pages).ToList();
        var at = all.FindIndex(page => page.Slug == slug);
        return at < 0 ? (null, null) : (at > 0 ? all[at - 1] : null, at < all.Count - 1 ? all[at + 1] : null);
    }

    /// <summary>Sections that hold every word, those with them in the title first.</summary>
    public IReadOnlyList<DocsHit> Search(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(8).ToArray();
        if (words.Length == 0) return [];
        return [.. pages.Values
            .SelectMany(page => page.Sections.Where(section => words.All(word => Holds(section, page, word))).Select(section => (Page: page, Section: section)))
            .OrderByDescending(hit => words.Count(word => hit.Section.Title.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .ThenByDescending(static hit => hit.Page.Slug.Contains('/', StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(static hit => hit.Page.Slug, StringComparer.Ordinal)
            .Take(MostHits)
            .Select(hit => new DocsHit(hit.Page.Slug, hit.Page.Title, hit.Section.Title, hit.Section.Id, Excerpt(hit.Section.Text, words[0])))];
    }

    private static bool Holds(DocsSection section, DocsPageContent page, string word) =>
        section.Text.Contains(word, StringComparison.OrdinalIgnoreCase) || section.Title.Contains(word, StringComparison.OrdinalIgnoreCase) || page.Title.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static string Excerpt(string text, string word)
    {
        var at = Math.Max(0, text.IndexOf(word, StringComparison.OrdinalIgnoreCase) - 60);
        return (at > 0 ? "…" : "") + text[at..Math.Min(text.Length, at + 200)] + (at + 200 < text.Length ? "…" : "");
    }

    private static DocsPageContent Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        var text = reader.ReadToEnd();
        var path = name[Prefix.Length..].Replace('\\', '/');
        return path.EndsWith(".md", StringComparison.Ordinal) ? Markdown(path, text) : Policy(path, text);
    }

    // A policy of the cookbook begins with a comment that says what it is for.
    private static DocsPageContent Policy(string path, string text)
    {
        var slug = path[..^".yaml".Length];
        var title = slug[(slug.LastIndexOf('/') + 1)..];
        var comment = string.Join(' ', text.Split('\n').TakeWhile(static line => line.StartsWith('#')).Select(static line => line.TrimStart('#').Trim()));
        var html = $"<p>{System.Net.WebUtility.HtmlEncode(comment)}</p><pre tabindex=\"0\"><code class=\"language-yaml\">{System.Net.WebUtility.HtmlEncode(text)}</code></pre>";
        return new(slug, title, $"<h1>{System.Net.WebUtility.HtmlEncode(title)}</h1>{html}", [], [new(title, "", comment)]);
    }

    private static DocsPageContent Markdown(string path, string text)
    {
        var pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UseAutoLinks().DisableHtml().Build();
        var document = Markdig.Markdown.Parse(text, pipeline);
        var folder = path.Contains('/', StringComparison.Ordinal) ? path[..(path.LastIndexOf('/') + 1)] : "";
        foreach (var link in document.Descendants<LinkInline>()) link.Url = Address(link.Url, folder);
        foreach (var code in document.Descendants<FencedCodeBlock>()) code.GetAttributes().AddPropertyIfNotExist("tabindex", "0");
        var headings = document.Descendants<HeadingBlock>().Select(static heading => new DocsHeading(heading.Level, heading.GetAttributes().Id ?? "", TextOf(heading.Inline))).ToList();
        var slug = path switch
        {
            "cookbook/README.md" => "cookbook",
            _ => path[..^".md".Length],
        };
        return new(slug, headings.FirstOrDefault()?.Text ?? slug, document.ToHtml(pipeline), [.. headings.Where(static one => one.Level is 2 or 3)], Sections(text, headings));
    }

    // Pages link to each other as files, so that they also read well where they lie.
    private static string? Address(string? url, string folder)
    {
        if (url is null || url.StartsWith('#') || url.Contains("://", StringComparison.Ordinal)) return url;
        var (file, anchor) = url.Split('#', 2) is [var before, var after] ? (before, "#" + after) : (url, "");
        var resolved = new Uri(new Uri("http://docs/" + folder), file).AbsolutePath.TrimStart('/');
        if (file.StartsWith("../bench/", StringComparison.Ordinal)) return "/docs/benchmarks" + anchor;
        var slug = Extension().Replace(resolved, "");
        return "/docs/" + (slug == "cookbook/README" ? "cookbook" : slug) + anchor;
    }

    private static List<DocsSection> Sections(string text, List<DocsHeading> headings)
    {
        var sections = new List<DocsSection>();
        var index = -1;
        var inCode = false;
        var body = new System.Text.StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) inCode = !inCode;
            if (!inCode && line.StartsWith('#') && index + 1 < headings.Count)
            {
                Close();
                index++;
                continue;
            }

            body.Append(line.Trim()).Append(' ');
        }

        Close();
        return sections;

        void Close()
        {
            if (index >= 0) sections.Add(new(headings[index].Text, headings[index].Id, body.ToString().Trim()));
            body.Clear();
        }
    }

    private static string TextOf(ContainerInline? inline) => inline is null ? "" : string.Concat(inline.Descendants().Select(static one => one switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        _ => "",
    }));

    [GeneratedRegex(@"\.(?:md|yaml)\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Extension();
}
