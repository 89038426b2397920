import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ApiItem, GatewayConfig, PolicySpec } from '@stoa/generated/schemas.ts';
import { createHttpServer } from '@stoa/lib/http-server.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { EngineOptions } from '../../../engine.ts';
import { apiItem, compile, configOf, consumerItem, createOrder, engineOf, getOrder, policyItem } from '../../../testing/fixtures.ts';
import { createListener, createQuickHandler, createUpgradeHandler } from '../../listener.ts';
import { restDoor } from '../door.ts';

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: string };
type Seen = { method: string; url: string; headers: IncomingHttpHeaders; rawHeaders: string[]; socket: Socket };

const log = createLogger({ program: 'test', level: 'silent' });
export const { item: agent, key } = consumerItem();
export const bearer = { authorization: `Bearer ${key}` };
/** The same as a line of a request. */
export const credential = `Authorization: Bearer ${key}\r\n`;

/** Serves APIs at the door, each from one upstream of the file, which does as a test says. What a test opens ends with it. */
export function openingRest() {
  const server = createServer((request, response) => {
    note(request);
    upstream.respond(request, response);
  });
  const upstream = {
    url: '',
    seen: [] as Seen[],
    respond: (_request: IncomingMessage, _response: ServerResponse): void => undefined,
    /** What happens before it speaks WebSocket. */
    onUpgrade: (): void => undefined,
    takesUpgrades(takes: boolean): void {
      server.removeAllListeners('upgrade');
      if (takes) server.on('upgrade', echo);
    },
  };
  const note = ({ method = '', url = '', headers, rawHeaders, socket }: IncomingMessage): void =>
    void upstream.seen.push({ method, url, headers, rawHeaders, socket });
  const echo = (request: IncomingMessage, socket: Socket): void => {
    note(request);
    upstream.onUpgrade();
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\n');
    socket.pipe(socket);
    socket.on('error', () => socket.destroy());
  };
  const closers: (() => Promise<unknown>)[] = [];
  beforeAll(async () => void (upstream.url = await listen(server, { host: '127.0.0.1', port: 0 })));
  afterAll(() => closeGracefully(server, 0));
  beforeEach(() => {
    upstream.seen = [];
    upstream.takesUpgrades(true);
    upstream.onUpgrade = () => undefined;
    upstream.respond = (request, response) => void text(request).then((body) => response.setHeader('content-type', 'text/plain').end(`got ${body}`));
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  const orders = (given: Partial<ApiItem> = {}): ApiItem => apiItem({ url: `${upstream.url}/v1`, operations: [getOrder(), createOrder()], ...given });
  const withPolicies = (...specs: PolicySpec[]): GatewayConfig => {
    const api = orders();
    return configOf(api, agent, ...specs.map((spec, at) => policyItem(spec, [api], `p${at}`)));
  };
  const open = async (config: GatewayConfig, options: Partial<EngineOptions> = {}, ofDoor: Parameters<typeof restDoor.open>[1] = {}) => {
    const { engine, usage } = engineOf(config, options);
    const door = restDoor.open({ engine }, ofDoor);
    const probes = {
      product: 'test',
      gatewayMode: 'edge_mcp' as const,
      metrics: engine.meter.registry,
      configState: () => ({ state: 'fresh' as const, generation: 1, hash: '' }),
    };
    const parts = { doors: [door], counter: { requests: 0 }, probes, log };
    const settings = { headersTimeout: 15_000, bodyTimeout: 30_000 };
    const gateway = createHttpServer(settings, createListener(parts), log, createQuickHandler(parts), createUpgradeHandler(parts));
    let byNode = 0;
    gateway.on('request', () => (byNode += 1));
    const url = await listen(gateway, { host: '127.0.0.1', port: 0 });
    closers.push(
      () => door.close(),
      () => closeGracefully(gateway, 0),
      () => engine.close(),
    );
    const ask = (path: string, headers: Record<string, string | string[]> = bearer, method = 'GET', body?: string | Buffer): Promise<Answer> =>
      new Promise((resolve, reject) => {
        // Not fetch: it would normalise the path, which is what is tested here.
        const sent = httpRequest(url, { path, method, headers }, (response) => {
          text(response).then((told) => resolve({ status: response.statusCode, headers: response.headers, body: told }), reject);
        });
        sent.once('error', reject).end(body);
      });
    const apply = (next: GatewayConfig): Promise<void> => {
      engine.replace(compile(next).snapshot);
      return door.snapshotReplaced();
    };
    const metered = async (): Promise<object[]> => {
      await engine.meter.close();
      return usage;
    };
    /** Resolves when the gateway knows that whoever connects next has gone. */
    const nextGone = (): Promise<void> =>
      new Promise((resolve) => {
        gateway.once('connection', (socket: Socket) => void socket.once('close', resolve));
        // One that was taken for WebSocket is half open then.
        gateway.once('upgrade', (_request, socket) => void socket.once('end', resolve));
      });
    /** How many requests went to Node's server. */
    const requestsByNode = (): number => byNode;
    return { ask, apply, metered, nextGone, requestsByNode, engine, door, url, port: Number(new URL(url).port) };
  };
  return { upstream, open, orders, withPolicies };
}

/** Asks for WebSocket, and waits for the first bytes of what is said to it. */
export const upgrade = (port: number, headers: string): Promise<{ socket: Socket; head: string }> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET /apis/orders/orders/7 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n${headers}\r\n`,
    );
    socket.once('data', (bytes) => resolve({ socket, head: String(bytes) })).once('error', reject);
    socket.once('close', () => reject(new Error('It was closed without an answer.')));
  });
