using McpShield.Policy.Language;

namespace McpShield.Policy.Redaction;

/// <summary>The words of filters, for whoever reads them: policies and command lines.</summary>
public static class FilterWords
{
    /// <summary>Every action as it is written.</summary>
    public static string[] Actions => ["mask", "hash", "remove", "block", "tag"];

    /// <summary>The action of a word, or <c>null</c>.</summary>
    public static FilterAction? Action(string word) => word switch
    {
        "mask" => FilterAction.Mask,
        "hash" => FilterAction.Hash,
        "remove" => FilterAction.Remove,
        "block" => FilterAction.Block,
        "tag" => FilterAction.Tag,
        _ => null,
    };

    /// <summary>What to write in the place of a detector that nobody knows.</summary>
    public static string HintForDetector(string word) =>
        Words.DidYouMean(word, DetectorTable.Words) ?? $"detectors are {string.Join(", ", DetectorTable.Words)}";
}
