using McpShield.Policy.Evaluation;

namespace McpShield.Gateway.Enforcement;

/// <summary>Refusals that the enforcement point makes itself, before or after the decision point was asked.</summary>
internal static class Decisions
{
    public static Decision UnknownTool { get; } = Deny(Reason.UnknownTool, "no server offers this tool");

    public static Decision ToolChanged { get; } = Deny(Reason.ToolChanged, "the tool's definition is not the one that was seen first; restart the gateway to accept it");

    public static Decision AuditUnavailable { get; } = Deny(Reason.AuditUnavailable, "the decision could not be put on record, so nothing may happen; try again, and tell the operator if it persists");

    public static Decision ObligationUnknown { get; } = Deny(Reason.EvaluationError, "the policy asks for something that this gateway cannot do");

    public static Decision FilteredCallRefused { get; } = Deny(Reason.FilterBlocked, "with what the filters took out of it, the call is none that the connection runs");

    public static Decision EvaluationError { get; } = Deny(Reason.EvaluationError, "the call could not be looked at");

    public static Decision ServerRequestDenied(string why) => Deny(Reason.ServerRequestDenied, why);

    public static Decision SessionUnavailable { get; } = Deny(Reason.EvaluationError, "what the session has gathered cannot be read at the moment, so nothing may happen; try again, and tell the operator if it persists");

    public static Decision QuotaExceeded { get; } = Deny(Reason.QuotaExceeded, "the plan's events of this month are used up; the organization's owner can change the plan, else calls go on when the next month begins");

    public static Decision InvalidRequest(string why) => Deny(Reason.InvalidRequest, why);

    private static Decision Deny(Reason reason, string message) => new() { Outcome = Outcome.Deny, Reason = reason, Message = message };
}
