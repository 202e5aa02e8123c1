using McpShield.Policy.Asking;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Asking;

/// <summary>What an agent said in its handshake that it can be asked, or what a server is told of it.</summary>
/// <param name="Form">Input by a form.</param>
/// <param name="Url">Input on a page elsewhere.</param>
/// <param name="Sampling">An answer of its model.</param>
/// <param name="Roots">Its folders.</param>
internal readonly record struct AgentAbilities(bool Form, bool Url, bool Sampling, bool Roots)
{
    /// <summary>Every kind that a policy lets servers ask for: what the connection that lists tools announces.</summary>
    public static AgentAbilities Of(ServerRequests allowed) => new(allowed.Elicitation, allowed.Elicitation, allowed.Sampling, allowed.Roots);

    /// <summary>The client capabilities of an <c>initialize</c>.</summary>
    // SPEC: 2025-11-25, elicitation: an empty capability, as 2025-06-18 had it, means forms.
    public static AgentAbilities Read(JsonView capabilities)
    {
        var elicitation = capabilities["elicitation"u8];
        var byUrl = elicitation["url"u8].Kind is JsonKind.Object;
        return new(
            elicitation.Kind is JsonKind.Object && (elicitation["form"u8].Kind is JsonKind.Object || !byUrl),
            byUrl,
            capabilities["sampling"u8].Kind is JsonKind.Object,
            capabilities["roots"u8].Kind is JsonKind.Object);
    }

    public bool IsNone => this == default;

    /// <summary>Those that a policy lets servers use.</summary>
    public AgentAbilities Within(ServerRequests allowed) => new(Form && allowed.Elicitation, Url && allowed.Elicitation, Sampling && allowed.Sampling, Roots && allowed.Roots);

    public bool Has(ServerRequestKind kind, JsonView parameters) => kind switch
    {
        ServerRequestKind.Elicitation => parameters["mode"u8].StringEquals("url"u8) ? Url : Form,
        ServerRequestKind.Sampling => Sampling,
        ServerRequestKind.Roots => Roots,
        _ => false,
    };

    /// <summary>As the <c>capabilities</c> of a client.</summary>
    public string ToJson()
    {
        var elicitation = string.Join(',', new[] { Form ? "\"form\":{}" : "", Url ? "\"url\":{}" : "" }.Where(static mode => mode.Length > 0));
        var kinds = new[] { elicitation.Length > 0 ? $"\"elicitation\":{{{elicitation}}}" : "", Sampling ? "\"sampling\":{}" : "", Roots ? "\"roots\":{}" : "" };
        return $"{{{string.Join(',', kinds.Where(static kind => kind.Length > 0))}}}";
    }
}
