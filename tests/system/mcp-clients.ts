import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as ClassicClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as ClassicTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

type Tool = { name: string };
type Result = { content?: unknown; isError?: boolean | undefined };
export type McpClient = {
  listTools(): Promise<string[]>;
  callTool(name: string, args: Record<string, unknown>): Promise<{ isError: boolean; data: unknown }>;
  close(): Promise<void>;
};
export type Connect = (url: string, token: string) => Promise<McpClient>;

const clientInfo = { name: 'stoa-system-test', version: '1.0.0' };
const options = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

function wrap(client: {
  listTools(): Promise<{ tools: Tool[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<Result>;
  close(): Promise<void>;
}): McpClient {
  return {
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    async callTool(name, args) {
      const result = await client.callTool({ name, arguments: args });
      const [first] = result.content as { text: string }[];
      const isError = result.isError === true;
      return { isError, data: isError ? first?.text : (JSON.parse(first?.text ?? 'null') as unknown) };
    },
    close: () => client.close(),
  };
}

/** Independent clients as agents use them: the 1.x SDK, and the 2.x SDK in both eras. */
export const mcpClients: [name: string, connect: Connect][] = [
  [
    'the 1.x SDK',
    async (url, token) => {
      const client = new ClassicClient(clientInfo);
      // The SDK's own transport does not fit its own interface under exactOptionalPropertyTypes.
      await client.connect(new ClassicTransport(new URL(url), options(token)));
      return wrap(client as never);
    },
  ],
  [
    'the 2.x SDK as it comes',
    async (url, token) => {
      const client = new ModernClient(clientInfo);
      await client.connect(new ModernTransport(new URL(url), options(token)));
      return wrap(client);
    },
  ],
  [
    'the 2.x SDK in 2026-07-28',
    async (url, token) => {
      const client = new ModernClient(clientInfo, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
      await client.connect(new ModernTransport(new URL(url), options(token)));
      return wrap(client);
    },
  ],
];
