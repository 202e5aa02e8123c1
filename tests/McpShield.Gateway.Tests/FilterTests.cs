namespace McpShield.Gateway.Tests;

/// <summary>Sensitive data is taken out on its way, in both directions, and kept nowhere.</summary>
public sealed class FilterTests
{
    private const string Card = "4111 1111 1111 1111"; // the number that card issuers publish for tests

    [Fact]
    public async Task What_arguments_hold_reaches_neither_the_server_nor_the_record()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nfilters: {cards: {detectors: card}}\nrules:\n  - {id: echo, tool: rec.echo, decision: allow, filters: {arguments: cards}}\n");

        var answer = await gateway.CallAsync("rec__echo", $$"""{"note":"pay with {{Card}} please","amount":1.50}""");

        Assert.False(answer.IsToolError, answer.Body);
        Assert.DoesNotContain(Card, gateway.Seen, StringComparison.Ordinal);
        Assert.Contains("[card:…1111]", gateway.Seen, StringComparison.Ordinal);
        Assert.Contains("1.50", gateway.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Card, gateway.AuditText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_must_not_be_sent_ends_the_call_and_is_not_kept()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nfilters: {cards: {detectors: card, action: block}}\nrules:\n  - {id: echo, tool: rec.echo, decision: allow, filters: {arguments: cards}}\n");

        var answer = await gateway.CallAsync("rec__echo", $$"""{"note":"{{Card}}"}""");

        Assert.True(answer.IsToolError);
        Assert.Contains("filter_blocked", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1111", answer.Body + gateway.AuditText, StringComparison.Ordinal);
        Assert.DoesNotContain(Card, gateway.Seen, StringComparison.Ordinal);
        Assert.Equal(("deny", "filter_blocked"), (gateway.Audits[0].Decision, gateway.Audits[0].Reason));
    }

    [Fact]
    public async Task What_an_answer_holds_does_not_reach_the_agent_in_text_or_structure()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nrules:\n  - {id: echo, tool: rec.echo, decision: allow, filters: {results: pii}}\n");

        var answer = await gateway.CallAsync("rec__echo", $$"""{"card":"{{Card}}","name":"Ada"}""");

        Assert.False(answer.IsToolError, answer.Body);
        Assert.DoesNotContain(Card, answer.Body, StringComparison.Ordinal);
        Assert.Contains("Ada", answer.Body, StringComparison.Ordinal);
        Assert.Equal("[card:…1111]", (string?)answer.Json["result"]!["structuredContent"]!["card"]);
    }

    [Fact]
    public async Task An_answer_that_must_not_pass_is_kept_back_whole()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nfilters: {cards: {detectors: card, action: block}}\nrules:\n  - {id: echo, tool: rec.echo, decision: allow, filters: {results: cards}}\n");

        var answer = await gateway.CallAsync("rec__echo", $$"""{"card":"{{Card}}","name":"Ada"}""");

        Assert.True(answer.IsToolError);
        Assert.DoesNotContain("Ada", answer.Body, StringComparison.Ordinal);
        Assert.Equal("refused", (await gateway.EndedAuditsAsync())[0].Status);
    }

    [Fact]
    public async Task A_secret_is_in_no_record_whatever_the_policy_filters()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var secret = "AKIA" + "IOSFODNN7EXAMPLE"; // the key that the vendor's documentation shows

        await gateway.CallAsync("rec__echo", $$"""{"note":"use {{secret}} there"}""");

        Assert.Contains(secret, gateway.Seen, StringComparison.Ordinal); // no filter was asked for: the server gets what was sent
        Assert.DoesNotContain(secret, gateway.AuditText, StringComparison.Ordinal);
        Assert.Contains("use [aws_access_key", gateway.AuditText, StringComparison.Ordinal);
    }
}
