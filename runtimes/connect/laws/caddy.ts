import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { caddies, startCaddy } from '../testing/caddy-process.ts';
import { caddySimulator } from '../testing/caddy-simulator.ts';
import type { AdminAnswer, AdminCall } from '../testing/caddy-simulator.ts';
import { createCaddyAdapter } from '../vendors/caddy/adapter.ts';
import type { Exposed, FaultKind, LawBench, LawSubject, RealSubject } from './subject.ts';

type Json = Record<string, unknown>;
type Backend = { call(given: AdminCall): AdminAnswer | Promise<AdminAnswer>; stop(): Promise<void> };

const faults: readonly FaultKind[] = ['refused', 'error', 'cut', 'error_after', 'cut_after', 'lied'];

export const caddy: LawSubject = {
  on: 'a simulator of the admin API of Caddy 2.11, made from its recordings',
  faults,
  start: async () => benchOn({ call: caddySimulator(), stop: async () => undefined }),
};

/** Every write has a real Caddy read its configuration anew. */
export const realCaddies: readonly RealSubject[] = caddies.map(({ title, path, remedy }) => ({
  on: `a real ${title}`,
  faults,
  share: 0.08,
  missing: path === undefined ? `${title} is not installed: ${remedy}` : undefined,
  start: async () => {
    const { adminUrl, stop } = await startCaddy(path ?? '');
    return benchOn({ call: (given) => forward(adminUrl, given), stop });
  },
}));

/** The adapter speaks to a door before the gateway, which counts its writes and lets them fail. */
async function benchOn(backend: Backend): Promise<LawBench> {
  let look: (() => void) | undefined;
  let countdown = 0;
  let fault: FaultKind | undefined;
  let writes = 0;
  let config: Json = {};
  const read = async (): Promise<void> => void (config = (await ask(backend, 'GET', '/config/')) as Json);
  await read();
  const base = structuredClone(config);

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const body = await readText(incoming);
    const isWrite = method !== 'GET';
    if (isWrite) writes += 1;
    const now = isWrite && fault !== undefined && (countdown -= 1) === 0 ? fault : undefined;
    if (now === 'cut') return void response.destroy();
    if (now === 'refused') return fail(response, 400, 'loading new config: a fault of the test');
    if (now === 'error') return fail(response, 503, 'a fault of the test');
    if (now === 'lied') return void response.writeHead(200).end();
    const answer = await backend.call({ method, url: path, ifMatch: headers['if-match'], body });
    if (isWrite) {
      await read();
      look?.();
    }
    if (now === 'cut_after') return void response.destroy();
    if (now === 'error_after') return fail(response, 503, 'a fault of the test');
    response.writeHead(answer.status, { ...(answer.etag !== undefined && { etag: answer.etag }) }).end(answer.text);
  }

  const door = createServer((incoming, response) => void pass(incoming, response).catch(() => response.destroy()));
  const url = await listen(door, { host: '127.0.0.1', port: 0 });
  const write = async (next: unknown): Promise<void> => {
    await ask(backend, 'POST', '/config/', next);
    await read();
  };
  return {
    adapter: () => createCaddyAdapter({ url, timeoutMs: 10_000 }),
    reset: async () => (canonicalJson(config) === canonicalJson(base) ? undefined : write(base)),
    plantForeign: (seed) => write(foreignConfig(base, seed)),
    foreign: async (gatewayIds) => canonicalJson(gatewayIds.reduce<unknown>((rest, id) => without(rest, `stoa-${id}`), config)),
    ours: async (gatewayId) => treesOf(config, `stoa-${gatewayId}`).map(canonicalJson).join('\n'),
    exposed: (gatewayId) => treesOf(config, `stoa-${gatewayId}`).flatMap((tree) => exposedBy(tree, gatewayId)),
    watch: (given) => void (look = given),
    fail: (nth, kind) => void ([countdown, fault] = [nth, kind]),
    heal: () => void (fault = undefined),
    writes() {
      const made = writes;
      writes = 0;
      return made;
    },
    async close() {
      await closeGracefully(door, 0);
      await backend.stop();
    },
  };
}

const fail = (response: ServerResponse, status: number, error: string): void => void response.writeHead(status).end(JSON.stringify({ error }));

/** What the operator serves besides: the more, the higher the number. */
function foreignConfig(base: Json, seed: number): Json {
  const next = structuredClone(base);
  const { servers } = (next['apps'] as { http: { servers: Record<string, Json> } }).http;
  const routes = servers['srv0']?.['routes'] as unknown[];
  if (seed >= 1) routes.push({ match: [{ path: ['/theirs/*'] }], handle: [{ handler: 'static_response', body: `<b>&${seed}` }] });
  if (seed >= 2)
    routes.unshift({
      '@id': 'theirs',
      match: [{ host: ['theirs.example.com'] }],
      handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: '127.0.0.1:9' }] }],
    });
  if (seed >= 3) routes.push({ handle: [{ handler: 'file_server', root: '/nowhere' }] });
  return next;
}

function treesOf(value: unknown, id: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return (value as Json)['@id'] === id ? [value] : Object.values(value).flatMap((member) => treesOf(member, id));
}

function without(value: unknown, id: string): unknown {
  if (Array.isArray(value)) return value.filter((element) => (element as Json | null)?.['@id'] !== id).map((element) => without(element, id));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, without(member, id)]));
}

/** An API whose requests are taken and led on, with the guards that they meet before. */
function exposedBy(tree: unknown, gatewayId: string): Exposed[] {
  const [handler] = (tree as { handle: { routes: Json[] }[] }).handle;
  const routes = handler?.routes ?? [];
  const taken = new Set(routes.flatMap((route) => (route['handle'] as Json[]).map((handle) => handle[`stoa-${gatewayId}`])));
  return routes.flatMap((route): Exposed[] => {
    const [match] = (route['match'] ?? []) as { vars?: Record<string, string[]> }[];
    const name = match?.vars?.[`stoa-${gatewayId}`]?.[0];
    const handlers = route['handle'] as Json[];
    if (name === undefined || !taken.has(name) || !handlers.some((handle) => handle['handler'] === 'reverse_proxy')) return [];
    const guards = handlers.flatMap((handle) => /-([a-z_]+)$/.exec(String(handle['@id'] ?? ''))?.[1] ?? []);
    return [{ api: name, guards: guards as PolicySpec['kind'][] }];
  });
}

function forward(adminUrl: string, { method, url, ifMatch, body }: AdminCall): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(ifMatch !== undefined && { 'if-match': ifMatch }) };
    const asked = request(new URL(url, adminUrl), { method, agent: false, headers }, (response) => {
      readText(response).then((text) => {
        const etag = response.headers.etag ?? response.trailers['etag'];
        resolve({ status: response.statusCode ?? 0, etag, text });
      }, reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function ask(backend: Backend, method: string, url: string, body?: unknown): Promise<unknown> {
  const answer = await backend.call({ method, url, ifMatch: undefined, body: body === undefined ? '' : JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
  return answer.text === '' ? undefined : JSON.parse(answer.text);
}
