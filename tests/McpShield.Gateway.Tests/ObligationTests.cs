namespace McpShield.Gateway.Tests;

/// <summary>What a policy asks for beside a decision is done, or the call does not happen.</summary>
public sealed class ObligationTests
{
    [Fact]
    public async Task In_shadow_nothing_is_blocked_or_limited_and_every_answer_that_would_have_been_is_on_record()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nmode: shadow\nrules:\n  - {id: once, tool: rec.echo, decision: allow, rate_limit: {limit: 1/1d}}\n  - {id: asks, tool: rec.numbers, decision: approve}\n");

        foreach (var tool in (string[])["rec__echo", "rec__echo", "rec__numbers", "rec__progress"]) Assert.False((await gateway.CallAsync(tool)).IsToolError);
        Assert.NotNull((await gateway.CallAsync("rec__echo", "[]")).ErrorCode);

        var audits = await gateway.EndedAuditsAsync();
        Assert.Equal(
            ["False deny invalid_request", "True deny default", "True approve approval_required", "True allow rule", "True allow rule"],
            audits.Select(static one => $"{one.IsShadow} {one.Decision} {one.Reason}"));
    }

    [Fact]
    public async Task A_rule_in_shadow_decides_nothing_and_leaves_what_it_would_have_done_on_record()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nrules:\n  - {id: soon, tool: rec.echo, decision: deny, shadow: true}\n  - {id: now, tool: rec.*, decision: allow}\n");

        Assert.False((await gateway.CallAsync("rec__echo")).IsToolError);

        var one = Assert.Single(await gateway.EndedAuditsAsync());
        Assert.Equal(("allow", "now", "soon: deny"), (one.Decision, one.Rule, Assert.Single(one.Shadows)));
    }

    [Fact]
    public async Task An_answer_longer_than_the_rule_lets_pass_is_refused_whole()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nrules:\n  - {id: short, tool: rec.echo, decision: allow, max_result_bytes: 400}\n");

        Assert.False((await gateway.CallAsync("rec__echo", """{"a":"b"}""")).IsToolError);
        var refused = await gateway.CallAsync("rec__echo", $$"""{"a":"{{new string('z', 400)}}"}""");

        Assert.True(refused.IsToolError);
        Assert.DoesNotContain("zzz", refused.Body, StringComparison.Ordinal);
        Assert.Contains("larger than the 400 bytes", refused.Text, StringComparison.Ordinal);
        Assert.Equal("refused", (await gateway.EndedAuditsAsync())[0].Status);
    }

    [Fact]
    public async Task A_call_that_a_person_must_agree_to_is_answered_with_that_and_stays_here()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nrules:\n  - {id: ask, tool: rec.echo, decision: approve, approval: {approvers: ['role:dba'], ttl: 5m}}\n");

        var answer = await gateway.CallAsync("rec__echo", """{"a":"never-sent"}""");

        Assert.True(answer.IsToolError);
        Assert.Contains("approval_required", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("never-sent", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal(("approve", "approval_required"), (gateway.Audits[0].Decision, gateway.Audits[0].Reason));
    }

    [Fact]
    public async Task Progress_of_an_answer_that_is_held_back_says_how_far_it_is_and_nothing_else()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nrules:\n  - {id: source, tool: rec.progress, decision: allow, labels: {add: [untrusted]}}\n");

        var answer = await gateway.SendAsync(
            HttpMethod.Post,
            GatewayHost.ModernBody("tools/call", "\"name\":\"rec__progress\",\"arguments\":{}").Replace("\"_meta\":{", "\"_meta\":{\"progressToken\":\"p\",", StringComparison.Ordinal),
            headers: GatewayHost.ModernHeaders("tools/call", "rec__progress"));

        Assert.Contains("notifications/progress", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("step 1", answer.Body, StringComparison.Ordinal);
        Assert.Contains("done", answer.Body, StringComparison.Ordinal);
    }
}
