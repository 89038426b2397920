import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { settings } from '@stoa/gateway/config.ts';
import { startGateway } from '@stoa/gateway/start.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { ask } from '@stoa/mcp/doors/mcp/testing/fixture.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';

export const eras = ['2025-11-25', '2026-07-28'] as const;

/** A request as the upstream received it: headers as they were written, the body byte by byte. */
export type Received = { method: string; target: string; headers: string[]; body: Buffer };
export type Tool = { name: string; description: string; inputSchema: Record<string, unknown>; outputSchema?: Record<string, unknown> };
export type CallResult = { isError?: boolean; structuredContent?: unknown; content: { text?: string }[] };
export type ImportedApi = { api_id: string; loss_report: { where: string; what: string; dropped: boolean }[] };

/** A server that keeps what it receives and answers what it is told to. */
async function startUpstream(): Promise<{ url: string; received: Received[]; answer: { type: string; text: string }; server: Server }> {
  const received: Received[] = [];
  const answer = { type: 'application/json', text: '{}' };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      received.push({ method: request.method ?? '', target: request.url ?? '', headers: request.rawHeaders, body });
      response.writeHead(200, { 'content-type': answer.type }).end(answer.text);
    });
  });
  return { url: await listen(server, { host: '127.0.0.1', port: 0 }), received, answer, server };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  return Buffer.concat(chunks);
}

/** A Control Plane, a Gateway that is registered with it, and two upstreams that keep what they receive. */
export async function startDocumentsSystem() {
  const plane = await startTestControlPlane();
  const [upstream, elsewhere] = await Promise.all([startUpstream(), startUpstream()]);
  const stateDir = await mkdtemp(join(tmpdir(), 'stoa-documents-'));
  const gateway = await startGateway(
    settings.load({
      argv: [],
      env: {
        STOA_CONTROL_PLANE_URL: plane.url,
        STOA_GATEWAY_KEY: await plane.mintGatewayKey(),
        STOA_LISTEN: '127.0.0.1:0',
        STOA_STATE_DIR: stateDir,
        STOA_INSTANCE_NAME: 'documents',
      },
    }),
    createLogger({ program: 'test', level: 'silent' }),
  );
  const { body: consumer } = await plane.request<{ consumer_id: string }>('POST', '/v1/consumers', { body: { name: 'agent' } });
  const { body: key } = await plane.request<{ secret: string }>('POST', `/v1/consumers/${consumer.consumer_id}/keys`, { body: {} });

  async function deploy(apiId: string): Promise<void> {
    const { status, body } = await plane.request('POST', '/v1/deployments', { body: { api_id: apiId, targets: { environments: ['default'] } } });
    if (status !== 201) throw new Error(`The API is not deployed: ${JSON.stringify(body)}`);
  }

  /** Imports a fixture under a name and deploys it. `replace` changes addresses in the text. */
  async function importDocument(
    name: string,
    fixture: string,
    more: Record<string, unknown> = {},
    replace: Record<string, string> = {},
  ): Promise<ImportedApi> {
    let document = await readFile(join(import.meta.dirname, 'fixtures', fixture), 'utf8');
    for (const [from, to] of Object.entries(replace)) document = document.replaceAll(from, to);
    const given = {
      name,
      document,
      open_to_all_consumers: true,
      ...('upstream_url' in more || Object.keys(replace).length > 0 ? {} : { upstream_url: upstream.url }),
      ...more,
    };
    const made = await plane.request<ImportedApi>('POST', '/v1/apis', { body: given });
    if (made.status !== 201) throw new Error(`${fixture}: ${made.status} ${JSON.stringify(made.body)}`);
    await deploy(made.body.api_id);
    return made.body;
  }

  /** The Gateway takes what is deployed from a feed. */
  async function serves(wanted: readonly string[]): Promise<void> {
    const listed = async () => (await listTools()).map((each) => each.name);
    await vi.waitFor(async () => expect(await listed()).toEqual(expect.arrayContaining([...wanted])), { timeout: 60_000, interval: 250 });
  }

  async function listTools(era: string = eras[1]): Promise<Tool[]> {
    const { message } = await ask(`${gateway.url}/mcp`, era, 'tools/list', {}, key.secret);
    // Before its first configuration the Gateway knows no key.
    return (message as { result?: { tools: Tool[] } }).result?.tools ?? [];
  }

  async function tool(name: string, era?: string): Promise<Tool> {
    const found = (await listTools(era)).find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no tool ${name}.`);
    return found;
  }

  /** Calls a tool; `received` is what the upstreams got for it. */
  async function call(
    era: string,
    name: string,
    args: Record<string, unknown>,
  ): Promise<{ result: CallResult | undefined; text: string; received: Received[] }> {
    for (const each of [upstream, elsewhere]) each.received.length = 0;
    const { message, text } = await ask(`${gateway.url}/mcp`, era, 'tools/call', { name, arguments: args }, key.secret);
    return { result: (message as { result?: CallResult }).result, text, received: [...upstream.received, ...elsewhere.received] };
  }

  return {
    plane,
    upstream,
    elsewhere,
    importDocument,
    deploy,
    serves,
    tool,
    call,
    async close() {
      await gateway.stop();
      await plane.close();
      await Promise.all([closeGracefully(upstream.server, 1000), closeGracefully(elsewhere.server, 1000)]);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

export function headerOf({ headers }: Received, name: string): string | undefined {
  const at = headers.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return at < 0 ? undefined : headers[at + 1];
}
