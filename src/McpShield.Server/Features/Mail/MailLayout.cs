using System.Net;
using System.Text;

namespace McpShield.Server.Features.Mail;

/// <summary>What a mail says; the same words become text and HTML.</summary>
/// <param name="Kind">For the operator: <c>otp</c>, <c>invitation</c> …</param>
/// <param name="Subject">One line.</param>
/// <param name="Sentence">What it is about.</param>
internal sealed record MailContent(string Kind, string Subject, string Sentence)
{
    /// <summary>Shown large, to be typed.</summary>
    public string? Code { get; init; }

    /// <summary>Where to go.</summary>
    public MailLink? Link { get; init; }

    /// <summary>What to do if it was not you, and how long it is good.</summary>
    public string? Note { get; init; }

    /// <summary>After this it is of no use.</summary>
    public DateTimeOffset? UselessAfter { get; init; }
}

/// <summary>A link with its words.</summary>
internal sealed record MailLink(string Text, Uri Address);

/// <summary>The one look of all mails.</summary>
/// <remarks>THREAT: names of people and organizations come from strangers. They are text wherever they stand: escaped in HTML, without line breaks in a subject.</remarks>
internal static class MailLayout
{
    private const int SubjectMaxLength = 200;

    public static string Subject(MailContent mail)
    {
        var line = string.Concat(mail.Subject.Select(static character => char.IsControl(character) ? ' ' : character)).Trim();
        return line.Length <= SubjectMaxLength ? line : line[..SubjectMaxLength];
    }

    public static string Text(MailContent mail)
    {
        var text = new StringBuilder("MCPShield\n\n").Append(mail.Sentence).Append('\n');
        if (mail.Code is { } code) text.Append("\n    ").Append(code).Append('\n');
        if (mail.Link is { } link) text.Append('\n').Append(link.Text).Append(":\n").Append(link.Address.AbsoluteUri).Append('\n');
        if (mail.Note is { } note) text.Append('\n').Append(note).Append('\n');
        return text.ToString();
    }

    public static string Html(MailContent mail)
    {
        var code = mail.Code is { } digits
            ? $"""<p style="margin:24px 0;padding:16px;background:#f1f5f9;border-radius:8px;text-align:center;font:700 32px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:8px;color:#0f172a">{Escape(digits)}</p>"""
            : "";
        var link = mail.Link is { } target
            ? $"""<p style="margin:24px 0"><a href="{Escape(target.Address.AbsoluteUri)}" style="display:inline-block;padding:12px 20px;background:#0f172a;border-radius:8px;color:#ffffff;text-decoration:none;font-weight:600">{Escape(target.Text)}</a></p>"""
            : "";
        var note = mail.Note is { } words ? $"""<p style="margin:24px 0 0;font-size:13px;color:#64748b">{Escape(words)}</p>""" : "";
        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{Escape(Subject(mail))}</title></head>
            <body style="margin:0;padding:24px;background:#f8fafc">
            <div style="max-width:480px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #e2e8f0;border-radius:12px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#0f172a">
            <p style="margin:0 0 24px;font-weight:700">MCPShield</p>
            <p style="margin:0">{Escape(mail.Sentence)}</p>
            {code}{link}{note}
            </div>
            </body>
            </html>

            """;
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
