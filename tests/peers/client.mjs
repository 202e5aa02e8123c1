// A real MCP client, told what to do in one JSON argument; prints one JSON document a step.
//   {"sdk": "v2" | "v1", "era": "modern" | "legacy" | "auto", "url", "headers"} or {"command", "args", "env"}, and
//   "answers": {"elicitation/create": {…}, "sampling/createMessage": {…}, "roots/list": {…}}: results for what a server asks; what stands here is what
//   the client says that it can be asked,
//   "steps": [{"list": true}, {"call": "name", "arguments": {…}, "progress": true, "cancelAfterMs": 100}, {"waitForToolsChanged": true}, {"ping": true}]
import * as v2 from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

const task = JSON.parse(process.argv[2]);
const isV1 = task.sdk === 'v1';
const info = { name: isV1 ? 'client-v1' : 'client-v2', version: '1.2.3' };
const mode = task.era === 'modern' ? { pin: '2026-07-28' } : task.era ?? 'legacy';
const kinds = { 'elicitation/create': ['elicitation', ElicitRequestSchema], 'sampling/createMessage': ['sampling', CreateMessageRequestSchema], 'roots/list': ['roots', ListRootsRequestSchema] };
const capabilities = Object.fromEntries(Object.keys(task.answers ?? {}).map(method => [kinds[method][0], {}]));
const client = isV1 ? new ClientV1(info, { capabilities }) : new v2.Client(info, { capabilities, versionNegotiation: { mode } });
const asked = [];
for (const [method, result] of Object.entries(task.answers ?? {})) {
  client.setRequestHandler(isV1 ? kinds[method][1] : method, async request => {
    asked.push(request.params?.message ?? method);
    return result;
  });
}

const Http = isV1 ? HttpV1 : v2.StreamableHTTPClientTransport;
const Stdio = isV1 ? StdioV1 : StdioV2;
const transport = task.url
  ? new Http(new URL(task.url), { requestInit: { headers: task.headers ?? {} } })
  : new Stdio({ command: task.command, args: task.args, env: { ...process.env, ...task.env }, stderr: 'inherit' });

let changed;
const toolsChanged = new Promise(resolve => { changed = resolve; });
const print = value => process.stdout.write(JSON.stringify(value) + '\n');
const failure = error => ({ error: { code: error.code ?? null, message: String(error.message ?? error) } });

try {
  if (isV1) client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed());
  else client.setNotificationHandler('notifications/tools/list_changed', () => changed());
  await client.connect(transport);
  print({ connected: client.getServerVersion?.() ?? null });
  for (const step of task.steps) {
    try {
      if (step.list) {
        const { tools } = await client.listTools();
        print({ tools: tools.map(tool => tool.name), definitions: step.definitions ? tools : undefined });
      } else if (step.call) {
        const seen = [];
        const options = {};
        if (step.progress) options.onprogress = progress => seen.push(progress);
        if (step.cancelAfterMs) options.signal = AbortSignal.timeout(step.cancelAfterMs);
        const request = { name: step.call, arguments: step.arguments ?? {} };
        const result = isV1 ? await client.callTool(request, undefined, options) : await client.callTool(request, options);
        print({ result, progress: seen, asked });
      } else if (step.ping) {
        print({ pong: await client.ping() });
      } else if (step.waitForToolsChanged) {
        await toolsChanged;
        print({ toolsChanged: true });
      }
    } catch (error) {
      print(failure(error));
    }
  }
} catch (error) {
  print({ connectError: failure(error).error });
} finally {
  await client.close().catch(() => {});
}
