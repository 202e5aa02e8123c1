using McpShield.Policy.Analysis;
using McpShield.Policy.Conditions;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Limits;
using McpShield.Policy.Redaction;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Language;

/// <summary>The shape of a policy, key by key. What is not here is not in the language.</summary>
internal static class Grammar
{
    private static readonly Shape AllowOrDeny = Shape.Word("allow", "deny");

    private static readonly Shape Settings = Shape.Map(
        "`settings`",
        new("path_style", Shape.Word("posix", "windows"), "How paths are written."),
        new("working_directory", Shape.Text, "Base for relative paths; without it a relative path is an error."))
        with
    {
        MayBeEmpty = true,
    };

    private static readonly Shape Labels = Shape.Map("`labels`", new Field("add", Shape.Texts, "Labels added to the session.") { IsRequired = true });

    private static readonly Shape Approval = Shape.Map(
        "`approval`",
        new("approvers", Shape.Texts, "`role:NAME` or `user:NAME`; absent: whoever manages the key."),
        new("ttl", Shape.Matching("^[1-9][0-9]*[smhd]$"), "How long an answer is waited for, for instance 10m."),
        new("on_timeout", Shape.Word("deny"), "Silence denies."));

    private static readonly Shape Rule = new NamedShape("rule", static () => Shape.Map(
        "a rule",
        new("id", Shape.Text, "Its name in answers and audits; unique."),
        new("description", Shape.Text, "For people."),
        new("tool", Shape.Texts, "Tool patterns over `server.tool`: `*` any run of characters, `?` exactly one.") { IsRequired = true },
        new("decision", Shape.Word("allow", "deny", "approve"), "What happens when the rule matches; approve asks a person.") { IsRequired = true },
        new("conditions", ConditionTable.Block, "All must hold; absent: always."),
        new("shadow", Shape.Flag, "true: record what it would have done, and go on with the next rule."),
        new("rate_limit", RateLimitReader.Shape, "How often it may let something through."),
        new("filters", FilterReader.RuleShape, "Sensitive data in arguments and results: filters of the policy, or `secrets` and `pii`."),
        new("labels", Labels, "What the session gathers when the call has succeeded."),
        new("approval", Approval, "Who is asked, and for how long."),
        new("max_result_bytes", Shape.Integer(1, 64 * 1024 * 1024), "A longer answer is refused whole."),
        new("reason", Shape.Text, "Shown to the agent when this rule decides; holds no arguments.")));

    private static readonly Shape ServerRequests = Shape.Map(
        "`server_requests`",
        new("elicitation", AllowOrDeny, "Whether a server may ask the person behind the agent."),
        new("sampling", AllowOrDeny, "Whether a server may use the agent's model."),
        new("roots", AllowOrDeny, "Whether a server may ask for the agent's folders."))
        with
    {
        MayBeEmpty = true,
    };

    private static readonly Shape Context = Shape.Map(
        "`context`",
        new("principal", Shape.Map(
            "`principal`",
            new("agent", Shape.Text, "The agent's name."),
            new("user", Shape.Text, "The person."),
            new("key", Shape.Text, "The key's identifier."),
            new("organization", Shape.Text, "The organization's identifier."),
            new("roles", new ListShape(Shape.Text, MayBeEmpty: true), "Roles of the key."),
            new("scopes", new ListShape(Shape.Text, MayBeEmpty: true), "Scopes of the key.")), "Who acts."),
        new("session", Shape.Map(
            "`session`",
            new("labels", new ListShape(Shape.Text, MayBeEmpty: true), "Labels gathered so far."),
            new("calls", new NamesShape("`calls`", Shape.Integer(0, int.MaxValue)), "Calls allowed so far, by qualified tool name.")), "What the session has gathered."),
        new("time", Shape.Text, "The moment, ISO 8601."),
        new("client_ip", Shape.Text, "The caller's address."),
        new("environment", Shape.Text, "dev, staging or prod."));

    private static readonly Shape Call = Shape.Map(
        "`call`",
        new("tool", Shape.Text, "The qualified name.") { IsRequired = true },
        new("arguments", Shape.Anything, "The arguments; absent: none."),
        new("arguments_json", Shape.Text, "The arguments as raw JSON text, where the bytes matter."),
        new("context", Context, "Who calls, and when."));

    private static readonly Shape Expect = Shape.Map(
        "`expect`",
        new("decision", Shape.Word("allow", "deny", "approve"), "The decision."),
        new("rule", Shape.Literal, "The id of the rule that decides; `default` or null: none."),
        new("reason", Shape.Word(WireNames.Reasons), "Why, from the closed list."));

    /// <summary>A list of tests, in a policy or in a file of their own.</summary>
    public static Shape Tests { get; } = new NamedShape("tests", static () => new ListShape(
        Shape.Map(
            "a test",
            new("name", Shape.Text, "What it shows; unique.") { IsRequired = true },
            new("call", Call, "What is asked.") { IsRequired = true },
            new("expect", Expect, "What must come out.") { IsRequired = true }),
        MayBeEmpty: true));

    /// <summary>A file of tests.</summary>
    public static Shape TestFile { get; } = Shape.Map(
        "a file of tests",
        new("version", new VersionShape(1), "The version of the language.") { IsRequired = true, MissingHint = "start with `version: 1`" },
        new("policy", Shape.Text, "The policy's file, from here; absent: the file of the same name without `.test`."),
        new("tests", Tests, "The tests.") { IsRequired = true });

    public static Shape Policy { get; } = Shape.Map(
        "a policy",
        new("version", new VersionShape(1), "The version of the language.") { IsRequired = true, MissingHint = "start with `version: 1`" },
        new("name", Shape.Text, "Its name."),
        new("default", AllowOrDeny, "What happens when no rule matches; absent: deny."),
        new("mode", Shape.Word("enforce", "shadow"), "shadow: decide and record, never block."),
        new("settings", Settings, "What holds for all rules."),
        new("filters", FilterReader.Shape, "Sensitive data to look for, by a name of your own."),
        new("server_requests", ServerRequests, "What an upstream may ask of the agent; absent: deny."),
        new("assertions", new ListShape(Assertion.Shape, MayBeEmpty: true), "What must never come out; proved when the policy is loaded."),
        new("tests", Tests, "Calls, and what must come out; run by `mcpshield policy test`."),
        new("rules", new ListShape(Rule, MayBeEmpty: true), "Ordered; the first that matches decides.") { IsRequired = true, MissingHint = "write `rules: []` for none" });
}
