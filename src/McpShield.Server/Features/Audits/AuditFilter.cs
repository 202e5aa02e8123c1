using McpShield.Data.Audits;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace McpShield.Server.Features.Audits;

/// <summary>What a list or an export of audits is asked for, in its address.</summary>
internal sealed record AuditFilter(
    [property: FromQuery(Name = "from")] DateTimeOffset? From,
    [property: FromQuery(Name = "to")] DateTimeOffset? To,
    [property: FromQuery(Name = "decision")] string? Decision,
    [property: FromQuery(Name = "project_id")] Guid? ProjectId,
    [property: FromQuery(Name = "tool")] string? Tool,
    [property: FromQuery(Name = "rule")] string? Rule,
    [property: FromQuery(Name = "key_id")] Guid? KeyId,
    [property: FromQuery(Name = "agent")] string? Agent,
    [property: FromQuery(Name = "kind")] string? Kind,
    [property: FromQuery(Name = "source")] string? Source,
    [property: FromQuery(Name = "q")] string? Text)
{
    private const int MaxText = 200;

    /// <summary>What the description says of them.</summary>
    public static ApiParameter[] Parameters =>
    [
        new("from", "Not before this moment (RFC 3339)."),
        new("to", "Before this moment (RFC 3339), not before `from`."),
        new("decision", "Only decisions that are this.") { Values = ["allow", "deny", "approve"] },
        new("tool", "The qualified tool, `server.tool`.") { MaxLength = MaxText },
        new("rule", "The rule that decided.") { MaxLength = MaxText },
        new("key_id", "The key that was used."),
        new("agent", "The agent's name.") { MaxLength = MaxText },
        new("kind", "Only decisions about calls, or only actions of people.") { Values = ["decision", "action"] },
        new("source", "`enforced`: decided by MCPShield; `reported`: told by a client.") { Values = ["enforced", "reported"] },
        new("q", "A text that stands in the tool, rule, agent, action, reason or message, in upper or lower case.") { MaxLength = MaxText },
    ];

    /// <summary>The query of <paramref name="caller"/>'s organization, or what is wrong with it.</summary>
    public ProblemHttpResult? Problem(Caller caller, string? cursor, int limit, out AuditQuery query)
    {
        query = new()
        {
            Scope = AuditScope.Of(caller.OrganizationId, ProjectId is { } project ? [project] : null),
            From = From?.ToUniversalTime(),
            To = To?.ToUniversalTime(),
            Decision = Decision,
            Tool = Tool,
            Rule = Rule,
            KeyId = KeyId?.ToString("D"),
            Agent = Agent,
            Kind = Kind,
            Source = Source,
            Text = string.IsNullOrWhiteSpace(Text) ? null : Text.Trim(),
            Cursor = cursor,
            Limit = limit,
        };
        if (From > To) return Problems.Invalid("to", "must not be before `from`");
        foreach (var (name, text) in new[] { ("tool", Tool), ("rule", Rule), ("agent", Agent), ("q", Text) })
        {
            if (text is { Length: > MaxText } || text?.Contains('\0', StringComparison.Ordinal) is true) return Problems.Invalid(name, $"must have at most {MaxText} characters, and none of them NUL");
        }

        return query.Problem is var (parameter, problem) ? Problems.Invalid(parameter, problem) : null;
    }
}
