using System.Collections.Immutable;
using McpShield.Policy.Redaction.Detectors;

namespace McpShield.Policy.Redaction;

/// <summary>Every detector, one line each. Where two findings are equally long and start together, the earlier line names them.</summary>
internal static class DetectorTable
{
    public static ImmutableArray<Detector> All { get; } =
    [
        new("private_key", "secrets", [.. PrivateKey.Cues], PrivateKey.Scan) { AlwaysBlocks = true },
        new("connection_string", "secrets", [.. ConnectionString.Cues], ConnectionString.Scan),
        new("jwt", "secrets", [.. Jwt.Cues], Jwt.Scan),
        new("aws_access_key", "secrets", [.. AwsAccessKey.Cues], AwsAccessKey.Scan),
        Token("github", ServiceTokens.GitHub),
        Token("gitlab", ServiceTokens.GitLab),
        Token("slack", ServiceTokens.Slack),
        Token("stripe", ServiceTokens.Stripe),
        Token("google", ServiceTokens.Google),
        Token("npm", ServiceTokens.Npm),
        Token("huggingface", ServiceTokens.HuggingFace),
        Token("anthropic", ServiceTokens.Anthropic),
        Token("openai", ServiceTokens.OpenAi),
        new("azure", "secrets", [.. Azure.Cues], Azure.Scan),
        new("card", "pii", [], Card.Scan) { ShowsLastFour = true, IgnoresSeparators = true },
        new("iban", "pii", [], Iban.Scan) { ShowsLastFour = true, IgnoresSeparators = true },
        new("fr_nir", "pii", [], FrNir.Scan) { IgnoresSeparators = true },
        new("br_cpf", "pii", [], NationalNumbers.ScanBrCpf) { IgnoresSeparators = true },
        new("es_dni", "pii", [], EsDni.Scan) { IgnoresSeparators = true },
        new("us_ssn", "pii", [], NationalNumbers.ScanUsSsn) { IgnoresSeparators = true },
        new("uk_nhs", "pii", [], NationalNumbers.ScanUkNhs) { IgnoresSeparators = true },
        new("nl_bsn", "pii", [], NationalNumbers.ScanNlBsn) { IgnoresSeparators = true },
        new("in_aadhaar", "pii", [], NationalNumbers.ScanInAadhaar) { IgnoresSeparators = true },
        new("email", "pii", ["@"], Email.Scan),
        new("phone", "pii", [], Phone.Scan) { IgnoresSeparators = true },
        new("ipv4_private", "pii", [], PrivateIpV4.Scan),
    ];

    /// <summary>A detector or all of a group; empty when nobody is called so.</summary>
    public static IReadOnlyList<string> Named(string name) =>
        [.. All.Where(detector => detector.Name == name || detector.Group == name).Select(static detector => detector.Name)];

    /// <summary>What may stand in a list of detectors.</summary>
    public static IEnumerable<string> Words => [.. All.Select(static detector => detector.Name), .. All.Select(static detector => detector.Group).Distinct()];

    private static Detector Token(string name, TokenShape[] shapes) => new(name, "secrets", [.. shapes.Select(static shape => shape.Prefix)], TokenShape.AnyOf(shapes));
}
