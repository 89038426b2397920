import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { ApiOperation, ConfigItem, ConsumerItem, GatewayConfig, UsageRecord } from '@stoa/generated/schemas.ts';
import { installQuickLane } from '@stoa/lib/quick/lane.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { ApprovalSource } from '../../../decide/approvals.ts';
import { createEngine } from '../../../engine.ts';
import type { Engine } from '../../../engine.ts';
import { collectingIn } from '../../../testing/collected-usage.ts';
import { createMeter } from '../../../metering/meter.ts';
import { createCompile } from '../../../testing/fixtures.ts';
import { doorTo } from '../door.ts';
import { createMcpEndpoint } from '../endpoint.ts';
import type { McpEndpoint, McpEndpointOptions } from '../endpoint.ts';
import { createListener, createQuickHandler } from '../../listener.ts';

export const modern = '2026-07-28';
export const legacyRevisions = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

/** Keys of the two consumers that the fixture's configurations know. */
export const keys = { agent: 'stoa_ck_agent-key', other: 'stoa_ck_other-key' } as const;

const apiId = '0b0c5d0e-1111-4222-8333-444455556666';
const limitedApiId = '0b0c5d0e-1111-4222-8333-444455557777';

const order = { type: 'object', properties: { id: { type: 'string' }, amount: { type: 'number' } }, required: ['id'] };

/** Operations of the upstream below, as the Control Plane would compile them. */
export const operations = {
  getOrder: operation('getOrder', 'GET', '/orders/{id}', { required: ['id'], output: order }),
  textOrder: operation('textOrder', 'GET', '/text/{id}', { required: ['id'], output: order }),
  failOrder: operation('failOrder', 'GET', '/fail/{id}', { required: ['id'], output: order }),
  slowOrder: operation('slowOrder', 'GET', '/slow/{id}', { required: ['id'] }),
};

/** A desired state with the given operations; `extra` are further items. */
export function configOf(list: readonly ApiOperation[], upstreamUrl: string, extra: readonly ConfigItem[] = [], generation = 1): GatewayConfig {
  const items: ConfigItem[] = [apiItem(apiId, 'orders', list, upstreamUrl), consumerItem('agent'), consumerItem('other'), ...extra];
  return {
    gateway_id: '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11',
    generation,
    hash: `sha256:${createHash('sha256').update(JSON.stringify(items)).digest('hex')}`,
    signature: { key_id: 'test', algorithm: 'ed25519', value: 'unsigned' },
    items,
  };
}

/** A second API whose only tool, `limited`, takes one call an hour from each consumer. */
export function limitedApi(upstreamUrl: string): ConfigItem[] {
  const limited = operation('limited', 'GET', '/orders/{id}', { required: ['id'] });
  const policyId = '1b0c5d0e-1111-4222-8333-444455556666';
  return [
    apiItem(limitedApiId, 'limited', [limited], upstreamUrl),
    {
      id: `policy:${policyId}`,
      kind: 'policy',
      policy_id: policyId,
      name: 'one-an-hour',
      policy: { kind: 'rate_limit', config: { limit: 1, window_s: 3600 } },
      api_ids: [limitedApiId],
    },
  ];
}

/** The same desired state with the first API closed to all but those named. */
export function closedTo(config: GatewayConfig, ...names: readonly (keyof typeof keys)[]): GatewayConfig {
  const items = config.items.map((item) => (item.id === `api:${apiId}` ? { ...item, subscription_required: true } : item));
  const subscriptions = names.map((name): ConfigItem => {
    const { consumer_id } = consumerItem(name);
    return { id: `subscription:${consumer_id}`, kind: 'subscription', subscription_id: consumer_id, api_id: apiId, consumer_id };
  });
  return { ...config, items: [...items, ...subscriptions] };
}

export function consumerItem(name: keyof typeof keys): ConsumerItem {
  const consumerId = `2b0c5d0e-1111-4222-8333-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
  const sha256 = createHash('sha256').update(keys[name]).digest('hex');
  return { id: `consumer:${consumerId}`, kind: 'consumer', consumer_id: consumerId, name, keys: [{ key_id: consumerId, sha256 }] };
}

function apiItem(id: string, name: string, list: readonly ApiOperation[], url: string): ConfigItem {
  return { id: `api:${id}`, kind: 'api', api_id: id, name, version: '1.0.0', title: name, revision: 1, upstream: { url }, operations: [...list] };
}

export function operation(
  id: string,
  method: ApiOperation['method'],
  path: string,
  { required = [], output }: { required?: string[]; output?: object } = {},
): ApiOperation {
  const properties = Object.fromEntries(required.map((name) => [name, { type: 'string' }]));
  return {
    operation_id: id,
    method,
    path,
    tool: {
      name: id,
      title: `The tool ${id}`,
      description: `Does ${id}.`,
      // The generated type of an open object is empty; the contract says JSON Schema.
      input_schema: { type: 'object', properties, required, additionalProperties: false },
      ...(output !== undefined && { output_schema: output as never }),
      annotations: { readOnlyHint: method === 'GET' },
    },
    bindings: required.map((name) => ({ argument: name, in: 'path', name, required: true, style: 'simple', explode: false })),
  };
}

export type Upstream = {
  readonly url: string;
  readonly server: Server;
  /** Paths asked for so far. */
  readonly seen: string[];
  /** Resolves with the response of the next call to `/slow/…`, which nobody answers but the test. */
  nextSlow(): Promise<ServerResponse>;
};

/** A little upstream: JSON under /orders, text under /text, 500 under /fail, and silence under /slow. */
export async function startUpstream(): Promise<Upstream> {
  const seen: string[] = [];
  const slow: ServerResponse[] = [];
  const waiting: ((response: ServerResponse) => void)[] = [];
  const server = createServer((request, response) => {
    const [, kind, id] = (request.url ?? '').split('/');
    seen.push(request.url ?? '');
    if (kind === 'slow') {
      const take = waiting.shift();
      if (take === undefined) slow.push(response);
      else take(response);
      return;
    }
    const isText = kind === 'text';
    response.writeHead(kind === 'fail' ? 500 : 200, { 'content-type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? `order ${id}` : JSON.stringify({ id, amount: 12.5 }));
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const nextSlow = (): Promise<ServerResponse> => {
    const ready = slow.shift();
    return ready === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(ready);
  };
  return { url, server, seen, nextSlow };
}

export type TestDoor = {
  readonly url: string;
  readonly engine: Engine;
  readonly door: McpEndpoint;
  readonly usage: UsageRecord[];
  /** Resolves when all who listen were told. */
  apply(config: GatewayConfig): Promise<void>;
  close(): Promise<void>;
};

/** A listening MCP door over an engine of its own. */
export async function startDoor(
  options: Partial<McpEndpointOptions> & { config?: GatewayConfig; now?: () => number; approvals?: ApprovalSource } = {},
): Promise<TestDoor> {
  const log = createLogger({ program: 'test', level: 'silent' });
  const usage: UsageRecord[] = [];
  const { now, approvals } = options;
  const engine = createEngine({ meter: createMeter({ spool: collectingIn(usage), log }), log, approvals, ...(now !== undefined && { now }) });
  const door = createMcpEndpoint({ engine, serverInfo: { name: 'stoa-test', version: '0.0.0' }, ...options });
  const compile = createCompile();
  const apply = (config: GatewayConfig): Promise<void> => {
    const previous = engine.snapshot;
    const { snapshot, changes } = compile(config);
    engine.replace(snapshot);
    return door.snapshotReplaced(previous, changes);
  };
  if (options.config !== undefined) await apply(options.config);
  const configState = () => ({
    state: engine.ready ? ('fresh' as const) : ('none' as const),
    generation: engine.snapshot.generation,
    hash: engine.snapshot.hash,
  });
  const probes = { product: 'STOA Gateway', gatewayMode: 'edge_mcp' as const, configState, metrics: engine.meter.registry };
  const counter = { requests: 0 };
  const doors = [doorTo(door)];
  const server = createServer(createListener({ doors, probes, log, counter }));
  installQuickLane(server, createQuickHandler({ doors, counter }));
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    url: `${url}/mcp`,
    engine,
    door,
    usage,
    apply,
    async close() {
      await door.close();
      await closeGracefully(server, 1000);
      await engine.close();
    },
  };
}

export type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string; readonly message: unknown };

/** Sends exactly these headers and this body, which `fetch` would not, and reads the message out of JSON or of an event stream. */
export async function send(
  url: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: string; signal?: AbortSignal } = {},
): Promise<Reply> {
  const { method = 'POST', headers = {}, body, signal } = options;
  const outgoing = httpRequest(url, { method, headers, agent: false, ...(signal !== undefined && { signal }) });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text, message: messageOf(text) };
}

function messageOf(text: string): unknown {
  const data = /^data: (.*)$/m.exec(text)?.[1];
  const json = data ?? text;
  return json === '' ? undefined : JSON.parse(json);
}

export type Rpc = { jsonrpc?: unknown; id?: unknown; method?: unknown; params?: unknown };

/** What a well-behaved client of a revision sends with a message. */
export function headersFor(revision: string, message: Rpc, key: string = keys.agent): OutgoingHttpHeaders {
  const common = { authorization: `Bearer ${key}`, accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  if (revision !== modern) return { ...common, 'mcp-protocol-version': revision };
  const name = (message.params as { name?: string } | undefined)?.name;
  return { ...common, 'mcp-protocol-version': modern, 'mcp-method': String(message.method), ...(name !== undefined && { 'mcp-name': name }) };
}

/** A request of a revision: 2026-07-28 puts the envelope into each. */
export function rpc(revision: string, method: string, params: Record<string, unknown> = {}, id: unknown = 7): Rpc {
  if (revision !== modern) return { jsonrpc: '2.0', id, method, params };
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': modern,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...envelope, ...(params['_meta'] as object | undefined) } } };
}

/** Sends a well-formed request of a revision. */
export function ask(url: string, revision: string, method: string, params: Record<string, unknown> = {}, key?: string): Promise<Reply> {
  const message = rpc(revision, method, params, randomUUID());
  return send(url, { headers: headersFor(revision, message, key), body: JSON.stringify(message) });
}
