using McpShield.Server.Hosting;

namespace McpShield.Cli;

/// <summary>What <c>up</c> says when it is ready: links, the key, and entries to paste.</summary>
internal static class Greeting
{
    public static string Text(Uri url, Uri? web, ShieldSettings settings, string data, FirstStartResult? first)
    {
        var key = first?.Key;
        var root = url.GetLeftPart(UriPartial.Authority);
        var endpoint = $"{root}/mcp";
        var shown = key ?? "$MCPSHIELD_KEY";
        var about = key is null
            ? "  key      the one that the first start showed; it is stored nowhere"
            : $"  key      {key}\n           of project demo; shown once, stored nowhere: keep it";
        var owner = first is null
            ? "  people   register at /auth/register, or sign in; /docs shows how"
            : $"  sign in  {(web ?? settings.WebUrl).GetLeftPart(UriPartial.Authority)}/auth/link#{first.SignInToken}\n           as {first.OwnerEmail}, the owner; once, within an hour";
        var site = web is null ? "" : $"  web      {web.GetLeftPart(UriPartial.Authority)}\n";
        return $$$$$"""

            MCPShield {{{{{ProgramInfo.Version}}}}} is up.

            {{{{{site}}}}}  API      {{{{{root}}}}}
              health   {{{{{root}}}}}/health
              MCP      {{{{{endpoint}}}}}
            {{{{{about}}}}}
              data     {{{{{data}}}}}
            {{{{{owner}}}}}

            Connect an agent:

              Claude Code
                claude mcp add --transport http mcpshield {{{{{endpoint}}}}} --header "X-API-Key: {{{{{shown}}}}}"

              Cursor (~/.cursor/mcp.json)
                {"mcpServers":{"mcpshield":{"url":"{{{{{endpoint}}}}}","headers":{"X-API-Key":"{{{{{(key is null ? "${env:MCPSHIELD_KEY}" : key)}}}}}"}}}}

              VS Code (.vscode/mcp.json)
                {"inputs":[{"type":"promptString","id":"key","description":"MCPShield key","password":true}],"servers":{"mcpshield":{"type":"http","url":"{{{{{endpoint}}}}}","headers":{"X-API-Key":"${input:key}"}}}}

            Then ask it to query the sample shop, and see every decision with: mcpshield audits list --data "{{{{{data}}}}}"
            Stop with Ctrl+C.


            """;
    }

    /// <summary>What the dashboard says that runs apart from the API.</summary>
    public static string OfWeb(Uri web, Uri api) => $"""

        MCPShield {ProgramInfo.Version} is up: the dashboard only.

          web      {web.GetLeftPart(UriPartial.Authority)}
          API      {api.GetLeftPart(UriPartial.Authority)} is what it asks

        Stop with Ctrl+C.


        """;

    /// <summary>Of a process that listens nowhere.</summary>
    public static string OfWorker(string data) =>
        $"""

        MCPShield {ProgramInfo.Version} is up, for the background work alone: it listens nowhere.

          data     {data}

        Stop with Ctrl+C.


        """;
}
