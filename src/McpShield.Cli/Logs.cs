using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace McpShield.Cli;

/// <summary>Talk for operators, on standard error: standard output belongs to data and to the protocol.</summary>
internal static class Logs
{
    public static ILoggerFactory Create(LogLevel level) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(level)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None) // a start that fails is said once, by the command
        .AddFilter("McpShield.Web.Sessions.SessionAuthentication", LogLevel.Warning) // the framework speaks through it: that somebody was sent to sign in is no news
        .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error) // warns that keys lie unencrypted: they lie in a directory that only their owner reads
        .AddSimpleConsole(static format =>
        {
            format.SingleLine = true;
            format.TimestampFormat = "HH:mm:ss ";
            format.ColorBehavior = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
        })
        .Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
