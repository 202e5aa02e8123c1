using System.Net;
using System.Text.RegularExpressions;

namespace McpShield.Web.Tests;

/// <summary>A browser without script: keeps cookies, fills forms, follows nothing by itself.</summary>
internal sealed partial class Browser(Uri site) : IDisposable
{
    private static int people;

    private readonly string address = NewAddress();
    private readonly Dictionary<string, string> cookies = new(StringComparer.Ordinal);
    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = site };

    public IReadOnlyDictionary<string, string> Cookies => cookies;

    /// <summary>Everything that came, for what must be in none of it.</summary>
    public List<string> Seen { get; } = [];

    /// <summary>An address that nobody else visits from: limits that count by address do not meet in tests.</summary>
    public static string NewAddress()
    {
        var number = Interlocked.Increment(ref people);
        return $"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}";
    }

    public void Dispose() => http.Dispose();

    public void Keep(string name, string value) => cookies[name] = value;

    public Task<Page> GetAsync(string path, CancellationToken ct, params (string Name, string Value)[] headers) => SendAsync(new(HttpMethod.Get, path), headers, ct);

    /// <summary>Sends a form of a page, by its address or its name, with its hidden fields and what is filled in.</summary>
    public Task<Page> SubmitAsync(Page page, string action, Dictionary<string, string> fields, CancellationToken ct, params (string Name, string Value)[] headers)
    {
        var form = Form().Matches(page.Text).Select(static form => WebUtility.HtmlDecode(form.Value)).FirstOrDefault(form => form.Contains($"action=\"{action}\"", StringComparison.Ordinal) || form.Contains($"name=\"_handler\" value=\"{action}\"", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"no form for {action} in {page.Text}");
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match hidden in Hidden().Matches(form)) all[hidden.Groups["name"].Value] = WebUtility.HtmlDecode(hidden.Groups["value"].Value);
        foreach (var (name, value) in fields) all[name] = value;
        return PostAsync(action.StartsWith('/') ? action : page.Path, all, ct, headers);
    }

    public Task<Page> PostAsync(string path, Dictionary<string, string> fields, CancellationToken ct, params (string Name, string Value)[] headers) =>
        SendAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }, headers, ct);

    public async Task<Page> SignInAsync(string email, CancellationToken ct, string query = "", bool remember = false)
    {
        var page = await GetAsync($"/auth/sign-in{query}", ct);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = email, ["password"] = WebServer.Password };
        if (remember) fields["remember"] = "true";
        return await SubmitAsync(page, "sign-in", fields, ct);
    }

    private async Task<Page> SendAsync(HttpRequestMessage request, (string Name, string Value)[] headers, CancellationToken ct)
    {
        using (request)
        {
            if (cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", cookies.Select(static one => $"{one.Key}={one.Value}")));
            if (!headers.Any(static header => header.Name == "X-Forwarded-For")) request.Headers.Add("X-Forwarded-For", address);
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await http.SendAsync(request, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            var set = answer.Headers.TryGetValues("Set-Cookie", out var all) ? all.ToArray() : [];
            foreach (var cookie in set)
            {
                var (name, value) = (cookie[..cookie.IndexOf('=', StringComparison.Ordinal)], cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(';')[0]);
                if (value.Length == 0) cookies.Remove(name);
                else cookies[name] = value;
            }

            Seen.Add($"{answer.Headers}\n{text}");
            return new(request.RequestUri!.OriginalString, answer.StatusCode, text, set, answer.Headers.Concat(answer.Content.Headers).ToDictionary(static one => one.Key, static one => string.Join(", ", one.Value), StringComparer.OrdinalIgnoreCase));
        }
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline, 1000)]
    private static partial Regex Form();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hidden();
}

/// <summary>What came back.</summary>
internal sealed record Page(string Path, HttpStatusCode Status, string Text, IReadOnlyList<string> SetCookies, IReadOnlyDictionary<string, string> Headers)
{
    public string? Location => Headers.GetValueOrDefault("Location");
}
