using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Mail;

/// <summary>What the description shows.</summary>
internal static class MailExamples
{
    public static ApiExample[] All =>
    [
        ApiExample.PageOf(new OutboxMailResponse(Guid.Parse("0199f5a0-000b-7000-8000-000000000001"), Sample.Email, "otp", "Your MCPShield code", "Your code:\n\n    123456\n", "<p>Your code:</p><p>123456</p>", Sample.Now)),
    ];
}
