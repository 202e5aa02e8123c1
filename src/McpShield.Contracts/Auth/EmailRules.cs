namespace McpShield.Contracts;

/// <summary>What an e-mail address looks like to us; whether it exists, only a mail can tell.</summary>
public static class EmailRules
{
    /// <summary>The longest address (RFC 5321 section 4.5.3.1, with its brackets taken off).</summary>
    public const int MaxLength = 254;

    /// <summary>One <c>@</c>, nothing that ends a header or begins another address.</summary>
    public const string Pattern = """^[^\s@\p{C}<>(),;:"\[\]\\]{1,64}@[^\s@\p{C}<>(),;:"\\]{1,253}$""";

    /// <summary>What is said when it does not look like one.</summary>
    public const string Message = "must be an e-mail address, like ada@example.com";
}
