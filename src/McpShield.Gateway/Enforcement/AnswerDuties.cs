using McpShield.Policy.Evaluation;
using McpShield.Policy.Redaction;

namespace McpShield.Gateway.Enforcement;

/// <summary>What a decision asks to be done with the upstream's answer.</summary>
internal sealed class AnswerDuties
{
    public static AnswerDuties None { get; } = new();

    /// <summary>A longer answer is refused whole.</summary>
    public int MaxBytes { get; private set; } = int.MaxValue;

    /// <summary>What the session gathers before any of the answer is released.</summary>
    public IReadOnlyList<string> Labels { get; private set; } = [];

    /// <summary>Whether nothing of the answer may be seen before all of it was looked at: progress then carries no text.</summary>
    public bool IsHeldBack => Labels.Count > 0 || MaxBytes < int.MaxValue || Redactor is not null;

    /// <summary>Looks at the answer before the agent does; <c>null</c>: nothing does.</summary>
    public Redactor? Redactor { get; private set; }

    /// <summary>Looks at what the agent answers the server during the call; <c>null</c>: nothing does.</summary>
    public Redactor? ForServer { get; private set; }

    /// <summary>The duties, or <c>null</c> when one is asked that this gateway does not know: then the call is impossible, not unconditional.</summary>
    public static AnswerDuties? Of(Decision decision, PolicyFilters filters)
    {
        if (decision.Obligations.IsEmpty) return None;
        var duties = new AnswerDuties { Redactor = filters.ForResults(decision), ForServer = filters.ForArguments(decision) };
        foreach (var obligation in decision.Obligations)
        {
            switch (obligation)
            {
                case ResultSizeObligation size:
                    duties.MaxBytes = size.MaxBytes;
                    break;
                case LabelObligation labels:
                    duties.Labels = labels.Labels;
                    break;
                case FilterObligation:
                    break;
                default:
                    return null;
            }
        }

        return duties;
    }
}
