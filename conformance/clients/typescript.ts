import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** A client as far as the cases use it: the same in both SDKs. */
export type Connected = Pick<
  Client2,
  'listTools' | 'callTool' | 'listResources' | 'readResource' | 'listPrompts' | 'getPrompt' | 'complete' | 'close'
>;
export type ClientKind = { readonly name: string; connect(url: string): Promise<Connected> };

const info = { name: 'matrix', version: '1' };
const capabilities = { sampling: {}, elicitation: {} };
const sampled = { role: 'assistant' as const, content: { type: 'text' as const, text: 'Paris' }, model: 'none' };
const elicited = { action: 'accept' as const, content: { username: 'ada', email: 'ada@example.com' } };

type Mode = 'legacy' | 'auto' | { pin: string };
const sdk2 = (name: string, mode: Mode): ClientKind => ({
  name,
  async connect(url) {
    const client = new Client2(info, { capabilities, versionNegotiation: { mode } });
    client.setRequestHandler('sampling/createMessage', () => sampled);
    client.setRequestHandler('elicitation/create', () => elicited);
    await client.connect(new Transport2(new URL(url)));
    return client;
  },
});

export const typescriptClients: readonly ClientKind[] = [
  {
    name: 'TypeScript SDK 1.x',
    async connect(url) {
      const client = new Client1(info, { capabilities });
      client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
      client.setRequestHandler(ElicitRequestSchema, () => elicited);
      await client.connect(new Transport1(new URL(url)));
      // Its schema for the result stands between the parameters and the options.
      type Options = Parameters<Client1['callTool']>[2];
      const callTool = (params: Parameters<Client1['callTool']>[0], options?: Options) => client.callTool(params, undefined, options);
      return Object.assign(Object.create(client) as Client1, { callTool }) as unknown as Connected;
    },
  },
  sdk2('TypeScript SDK 2.x, legacy', 'legacy'),
  sdk2('TypeScript SDK 2.x, auto', 'auto'),
  sdk2('TypeScript SDK 2.x, pinned to 2026-07-28', { pin: '2026-07-28' }),
];
