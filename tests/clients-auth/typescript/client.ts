import { createInterface } from 'node:readline';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as ClassicClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as ClassicTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** Signs in with an SDK of TypeScript: client.ts URL MAJOR. Says and hears one line of JSON each way. */
const [address = '', major = ''] = process.argv.slice(2);
const url = new URL(address);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async (): Promise<string> => (await lines.next()).value ?? '';
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** What a program that uses an SDK keeps. */
const agent = {
  redirectUrl: 'http://127.0.0.1:50505/callback',
  clientMetadata: {
    client_name: `TypeScript ${major}`,
    redirect_uris: ['http://127.0.0.1:50505/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  client: undefined as object | undefined,
  kept: undefined as { access_token: string } | undefined,
  verifier: '',
  clientInformation: () => agent.client,
  saveClientInformation: (client: object) => void (agent.client = client),
  tokens: () => agent.kept,
  saveTokens: (tokens: { access_token: string }) => void (agent.kept = tokens),
  redirectToAuthorization: (to: URL) => say({ sign_in: to.href }),
  saveCodeVerifier: (verifier: string) => void (agent.verifier = verifier),
  codeVerifier: () => agent.verifier,
};

type Session = {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(params: { name: string; arguments: object }): Promise<unknown>;
  close(): Promise<void>;
};
/** A transport of its own for each attempt, as the SDKs want it. */
function attempt(): { finishAuth(code: string, issuer?: string): Promise<void>; connect(): Promise<Session> } {
  const clientInfo = { name: 'agent', version: '1' };
  const transport =
    major === '1' ? new ClassicTransport(url, { authProvider: agent as never }) : new ModernTransport(url, { authProvider: agent as never });
  const client = major === '1' ? new ClassicClient(clientInfo) : new ModernClient(clientInfo);
  return {
    finishAuth: (code, issuer) => transport.finishAuth(code, issuer as never),
    connect: async () => {
      await client.connect(transport);
      return client as unknown as Session;
    },
  };
}

const first = attempt();
await first.connect().then(
  () => Promise.reject(new Error('Nobody was asked to sign in.')),
  () => undefined,
);
const back = new URL(await heard()).searchParams;
await first.finishAuth(back.get('code') ?? '', back.get('iss') ?? '');
const session = await attempt().connect();
const call = async (): Promise<string> =>
  session.callTool({ name: 'things_getThing', arguments: {} }).then(
    (result) => JSON.stringify(result),
    (error: unknown) => String(error),
  );
const tools = (await session.listTools()).tools.map(({ name }) => name);
say({ tools, first: await call(), token: agent.kept?.access_token });
await heard();
say({ results: await Promise.all([call(), call(), call(), call()]) });
await session.close();
process.exit(0);
