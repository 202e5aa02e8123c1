using System.Net;
using McpShield.Server.Features.Billing;
using McpShield.Server.Tests.Auth;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Tests.Billing;

public sealed class InvoiceTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_number_of_a_deleted_accounts_invoice_is_not_given_out_again()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var gone = await ada.Api.Billing.InvoiceAsync((await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).InvoiceId!.Value, Ct);
        await ada.Api.Me.DeleteAsync(new(Account.Password), Ct);

        var bob = await server.SignInAsync("bob", Ct);
        var next = await bob.Api.Billing.InvoiceAsync((await bob.Api.Billing.SubscribeAsync(new("pro"), Ct)).InvoiceId!.Value, Ct);

        Assert.True(string.CompareOrdinal(next.Number, gone.Number) > 0);
    }

    [Fact]
    public async Task The_history_pages_newest_first()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var done = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        await server.WorkAsync(ada, done.Subscription!.CurrentPeriodEnd.AddMonths(1), Ct);

        var first = await ada.Api.Billing.HistoryAsync(Ct, limit: 2);
        var second = await ada.Api.Billing.HistoryAsync(Ct, first.NextCursor, limit: 2);

        Assert.Equal((2, 1, null), (first.Items.Count, second.Items.Count, second.NextCursor));
        Assert.Equal(first.Items.Concat(second.Items).Select(static one => one.PeriodStart).OrderDescending(), first.Items.Concat(second.Items).Select(static one => one.PeriodStart));
        Assert.Equal(done.InvoiceId, second.Items[0].Id);
    }

    [Fact]
    public async Task A_page_is_not_made_of_nonsense()
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync("/billing/history?cursor=x", Ct);

        await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
    }

    [Fact]
    public async Task The_page_to_print_escapes_every_word_and_lets_no_script_run()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await using (var db = server.Services.OpenDb()) await db.Organizations.Where(one => one.Id == ada.OrganizationId).ExecuteUpdateAsync(set => set.SetProperty(static one => one.Name, "<script>alert(1)</script> & Sons"), Ct);
        var done = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        using var answer = await ada.Api.Billing.InvoicePageAsync(done.InvoiceId!.Value, Ct);

        var page = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("29.00", page, StringComparison.Ordinal);
        var policy = string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        var style = page.Split("<style>")[1].Split("</style>")[0];
        Assert.Contains(Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style))), policy, StringComparison.Ordinal);
        Assert.Matches("invoice-[0-9]{4}-[0-9]{6}\\.html", answer.Content.Headers.ContentDisposition?.FileName);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".html")]
    public async Task The_invoice_of_others_does_not_exist(string suffix)
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        var done = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        using var own = await eve.Http.GetAsync($"/billing/invoices/{done.InvoiceId:D}{suffix}", Ct);
        using var theirs = await eve.Http.GetAsync($"/billing/invoices/{done.InvoiceId:D}{suffix}?organization_id={ada.OrganizationId:D}", Ct);

        await own.IsProblemAsync(HttpStatusCode.NotFound, "invoice.not-found", Ct);
        await theirs.IsProblemAsync(HttpStatusCode.NotFound, "organization.not-found", Ct);
    }

    [Theory]
    [InlineData("/billing/history")]
    [InlineData("/billing/invoices/01939000-0000-7000-8000-000000000001")]
    [InlineData("/billing/invoices/01939000-0000-7000-8000-000000000001.html")]
    public async Task A_developer_may_not_read_them_and_nobody_may_without_signing_in(string path)
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await server.JoinAsync(bob, ada, "developer", Ct);
        using var visitor = server.Visitor();

        using var developer = await bob.Http.GetAsync($"{path}?organization_id={ada.OrganizationId:D}", Ct);
        using var nobody = await visitor.GetAsync(path, Ct);

        await developer.IsProblemAsync(HttpStatusCode.Forbidden, "permission.missing", Ct);
        await nobody.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task An_operator_marks_an_invoice_paid_once()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var done = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        var number = (await ada.Api.Billing.InvoiceAsync(done.InvoiceId!.Value, Ct)).Number;
        await using var db = server.Services.OpenDb();

        Assert.NotNull(await Invoices.MarkPaidAsync(db, number, server.Now(), Ct));
        await db.SaveChangesAsync(Ct);

        var paid = await ada.Api.Billing.InvoiceAsync(done.InvoiceId.Value, Ct);
        Assert.Equal("paid", paid.Status);
        Assert.NotNull(paid.PaidAt);
        Assert.Null(await Invoices.MarkPaidAsync(db, "1999-000001", server.Now(), Ct));
    }

    [Fact]
    public async Task Numbers_are_given_once_and_without_gaps_however_many_are_made_at_once()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => server.SignInAsync("ada", Ct)));

        await Task.WhenAll(people.Select(one => one.Api.Billing.SubscribeAsync(new("pro"), Ct)));

        await using var db = server.Services.OpenDb();
        var year = $"{server.Now().UtcDateTime.Year}-";
        var numbers = (await db.Invoices.Select(static one => one.Number).ToListAsync(Ct)).Where(number => number.StartsWith(year, StringComparison.Ordinal)).Select(number => int.Parse(number[5..], System.Globalization.CultureInfo.InvariantCulture)).Order().ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);
    }
}
