using McpShield.Web.Hosting;

namespace McpShield.Web.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("ENVIRONMENT", "prod")]
    [InlineData("WEB_URL", "shield.example.com")]
    [InlineData("API_INTERNAL_URL", "api:8000/x")]
    [InlineData("API_URL", "ftp://api")]
    [InlineData("WEB_API_TOKEN", "too short")]
    [InlineData("WEB_API_TOKEN", "")]
    [InlineData("REDIS_PORT", "seventy", "REDIS_HOST", "cache")]
    [InlineData("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "0")]
    [InlineData("TRUSTED_PROXIES", "caddy")]
    [InlineData("WEB_URL", "http://shield.example.com", "ENVIRONMENT", "production")]
    public void A_wrong_value_stops_the_start_and_is_named_but_not_shown(string name, string value, string other = "", string otherValue = "")
    {
        var failure = Assert.Throws<WebStartFailedException>(() => WebSettings.Read(WebServer.Variables(new() { [name] = value, [other] = otherValue })));

        Assert.StartsWith($"{name} is not set right: ", failure.Message, StringComparison.Ordinal);
        if (value.Length > 0) Assert.DoesNotContain($"`{value}`", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_api_is_asked_at_its_internal_address_and_shown_by_its_outer_one()
    {
        var settings = WebSettings.Read(WebServer.Variables(new() { ["API_URL"] = "https://api.example.com", ["API_INTERNAL_URL"] = "http://api:8000" }));

        Assert.Equal((new Uri("http://api:8000"), new Uri("https://api.example.com")), (settings.ApiUrl, settings.PublicApiUrl));
    }

    [Theory]
    [InlineData("development", "http://localhost:3000", false)]
    [InlineData("development", "https://shield.example.com", true)]
    [InlineData("staging", "https://shield.example.com", true)]
    [InlineData("production", "https://shield.example.com", true)]
    [InlineData("production", "http://localhost:3000", true)]
    public void Cookies_travel_over_plain_http_in_development_only(string environment, string url, bool isSecure) =>
        Assert.Equal(isSecure, WebSettings.Read(WebServer.Variables(new() { ["ENVIRONMENT"] = environment, ["WEB_URL"] = url })).IsSecure);
}
