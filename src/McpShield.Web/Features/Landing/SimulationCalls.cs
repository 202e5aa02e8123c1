using System.Text.Json;

namespace McpShield.Web.Features.Landing;

/// <summary>A call that can be tried on the first page.</summary>
/// <param name="Name">What an agent is doing.</param>
/// <param name="Tool">The qualified tool.</param>
/// <param name="Arguments">Its arguments, JSON.</param>
internal sealed record SimulationCall(string Name, string Tool, string Arguments)
{
    public JsonElement ToJson() => JsonDocument.Parse(Arguments).RootElement.Clone();
}

/// <summary>The policy and the calls of the first page.</summary>
internal static class SimulationCalls
{
    public const string Policy =
        """
        version: 1
        name: support-agent
        default: deny
        rules:
          - id: no-secrets
            tool: "fs.*"
            decision: deny
            conditions:
              path_glob: ["/data/**/.env", "/data/**/*.key"]
          - id: read-docs
            tool: [fs.read_text_file, fs.list_directory]
            decision: allow
            conditions:
              path_prefix: /data/docs
          - id: search
            tool: web.fetch
            decision: allow
            conditions:
              allowed_domains: [docs.example.com]
              allowed_schemes: [https]
          - id: small-refunds
            tool: payments.refund
            decision: allow
            conditions:
              parameters:
                amount: {type: number, min: 0.01, max: 50}
              additional_parameters: deny
          - id: larger-refunds
            tool: payments.refund
            decision: approve
            conditions:
              parameters:
                amount: {type: number, min: 0.01, max: 500}

        """;

    public static readonly SimulationCall[] All =
    [
        new("Read a page of the manual", "fs.read_text_file", """{"path": "/data/docs/returns.md"}"""),
        new("Read it by a path that climbs out", "fs.read_text_file", """{"path": "/data/docs/../../etc/passwd"}"""),
        new("The same, percent-encoded", "fs.read_text_file", """{"path": "/data/docs/%2e%2e/%2e%2e/etc/passwd"}"""),
        new("Read a file of secrets", "fs.read_text_file", """{"path": "/data/docs/.env"}"""),
        new("Write where only reading is allowed", "fs.write_file", """{"path": "/data/docs/returns.md", "content": "free for all"}"""),
        new("Look something up", "web.fetch", """{"url": "https://docs.example.com/api"}"""),
        new("Fetch from a look-alike host", "web.fetch", """{"url": "https://docs.example.com.evil.test/api"}"""),
        new("Fetch with credentials in the URL", "web.fetch", """{"url": "https://docs.example.com@evil.test/"}"""),
        new("Ask the cloud's metadata service", "web.fetch", """{"url": "http://169.254.169.254/latest/meta-data/"}"""),
        new("Refund 20 dollars", "payments.refund", """{"order": "A-1042", "amount": 20}"""),
        new("Refund 400 dollars", "payments.refund", """{"order": "A-1042", "amount": 400}"""),
        new("Refund 20, as a text", "payments.refund", """{"order": "A-1042", "amount": "20"}"""),
    ];
}
