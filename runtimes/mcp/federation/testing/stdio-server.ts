import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema, ResultSchema } from '@modelcontextprotocol/sdk/types.js';

/** A program that is an MCP server of the SDK 1.x on its standard streams. */
const server = new Server({ name: 'stdio-fixture', version: '1' }, { capabilities: { tools: { listChanged: true }, logging: {} } });
const names = ['pid', 'env', 'count', 'hang', 'crash', 'ask'];
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: names.map((name) => ({ name, inputSchema: { type: 'object' as const } })) }));
server.setRequestHandler(CallToolRequestSchema, async ({ params: { name } }, extra) => {
  const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });
  if (name === 'pid') return text(process.pid);
  if (name === 'env') return text({ ...process.env });
  if (name === 'crash') process.exit(3);
  if (name === 'ask')
    return text(
      await server.request(
        { method: 'elicitation/create', params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } } },
        ResultSchema,
      ),
    );
  if (name === 'hang') {
    await new Promise<void>((resolve) => extra.signal.addEventListener('abort', () => resolve(), { once: true }));
    process.stderr.write('stopped\n');
  }
  const { progressToken } = extra._meta ?? {};
  if (name === 'count' && progressToken !== undefined)
    for (const progress of [1, 2]) await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress } });
  return text(name);
});
await server.connect(new StdioServerTransport());
