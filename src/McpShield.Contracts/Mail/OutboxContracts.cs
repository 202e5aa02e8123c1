using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>A mail that was not sent, because no mail server is configured.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="To">Whom it is for.</param>
/// <param name="Kind">What it is about: <c>otp</c>, <c>invitation</c> …</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Text">Its text.</param>
/// <param name="Html">The same for mail programs that show HTML.</param>
/// <param name="CreatedAt">When it was written.</param>
public sealed record OutboxMailResponse(Guid Id, string To, string Kind, string Subject, string Text, string Html, DateTimeOffset CreatedAt);

/// <summary>The shapes of the development outbox as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Page<OutboxMailResponse>))]
public sealed partial class OutboxJson : JsonSerializerContext;
