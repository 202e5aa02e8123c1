using System.Text;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Limits;

/// <summary>Names the counter that a call counts against.</summary>
internal static class RateLimitCounter
{
    public static string Name(RateLimit limit, string rule, ToolCall call)
    {
        var name = new StringBuilder();
        foreach (var part in limit.Parts)
        {
            var value = part switch
            {
                RateLimitPart.Rule => rule,
                RateLimitPart.Key => call.Context.Principal.Key,
                RateLimitPart.Agent => call.Context.Principal.Agent,
                RateLimitPart.User => call.Context.Principal.User,
                RateLimitPart.Organization => call.Context.Principal.Organization,
                // A call without a session is not free of its limit: it counts with the others of its key.
                RateLimitPart.Session => call.Context.Session.Id ?? call.Context.Principal.Key,
                RateLimitPart.Tool => call.Tool,
                RateLimitPart.Server => call.Tool.Split('.', 2)[0],
                _ => throw new InvalidOperationException($"no value for {part}"),
            };

            // Lengths keep `a` + `bc` apart from `ab` + `c`.
            name.Append(null, $"{part}:{value.Length}:{value};");
        }

        // Two limits that count the same parts are two counters.
        return name.Append(null, $"{limit.Units}/{limit.Period.Ticks}/{limit.Burst}").ToString();
    }
}
