namespace McpShield.Policy.Redaction.Detectors;

/// <summary>The tokens of one service each, by the beginnings their issuers document.</summary>
internal static class ServiceTokens
{
    public static readonly TokenShape[] GitHub =
    [
        .. new[] { "ghp_", "gho_", "ghu_", "ghs_", "ghr_" }.Select(static prefix => new TokenShape(prefix, TokenShape.Alphanumeric, 36, 255)),
        new("github_pat_", TokenShape.Word, 60, 255),
    ];

    public static readonly TokenShape[] GitLab =
    [
        .. new[] { "glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-", "glffct-" }.Select(static prefix => new TokenShape(prefix, TokenShape.Dotted, 20, 300)),
        new("GR1348941", TokenShape.Word, 20, 20),
    ];

    public static readonly TokenShape[] Slack =
    [
        .. new[] { "xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xoxo-", "xoxc-", "xoxd-", "xoxe-", "xoxe.xoxb-", "xoxe.xoxp-", "xapp-" }.Select(static prefix => new TokenShape(prefix, TokenShape.Word, 20, 400)),
        new("hooks.slack.com/services/", TokenShape.Path, 30, 100),
    ];

    public static readonly TokenShape[] Stripe =
    [
        .. new[] { "sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "rk_prod_" }.Select(static prefix => new TokenShape(prefix, TokenShape.Alphanumeric, 16, 247)),
        new("whsec_", TokenShape.Base64, 24, 100),
    ];

    public static readonly TokenShape[] Google =
    [
        new("AIza", TokenShape.Word, 35, 35),
        new("GOCSPX-", TokenShape.Word, 28, 28),
        new("ya29.", TokenShape.Dotted, 30, 2048),
    ];

    public static readonly TokenShape[] Npm = [new("npm_", TokenShape.Alphanumeric, 36, 36)];

    public static readonly TokenShape[] HuggingFace = [new("hf_", TokenShape.Alphanumeric, 34, 40), new("api_org_", TokenShape.Alphanumeric, 34, 40)];

    public static readonly TokenShape[] OpenAi =
    [
        .. new[] { "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-" }.Select(static prefix => new TokenShape(prefix, TokenShape.Word, 20, 300)),
        new("sk-", TokenShape.Alphanumeric, 40, 64),
    ];

    public static readonly TokenShape[] Anthropic = [new("sk-ant-", TokenShape.Word, 32, 300)];
}
