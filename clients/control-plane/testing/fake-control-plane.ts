import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { ApiItem, ConsumerKeyItem, GatewayConfig, PolicyItem, SigningKey } from '@stoa/generated/schemas.ts';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';
import { vi } from 'vitest';

const realImmediate = setImmediate;
const realTurn = () => new Promise<void>((resolve) => void realImmediate(resolve));

export type CallName = 'register' | 'heartbeat' | 'deregister' | 'config' | 'item' | 'ack' | 'observed' | 'usage' | 'dry-run' | 'call-approvals';
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads whatever was sent: its shape is what is asserted
type Sent = any;
export type RecordedCall = { name: CallName; atMs: number; headers: Headers; url: URL; body: Sent };
export type Reply = Response | Error | 'never';
type Responder = (call: RecordedCall, signal: AbortSignal) => Reply | Promise<Reply>;

export const gatewayId = '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';

export function json(body: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(body), { status: 200, ...init, headers: { 'content-type': 'application/json', ...init.headers } });
}

export function problem(status: number, members: Record<string, unknown> = {}, headers: Record<string, string> = {}): Response {
  return json({ type: 'about:blank', title: 'Problem', status, ...members }, { status, headers });
}

/** A Control Plane in memory: every call is recorded with the fake clock's time and answered by what the test scripted. */
export function createFakeControlPlane() {
  const calls: RecordedCall[] = [];
  const standing: Record<CallName, Responder> = {
    register: () => json({ gateway_id: gatewayId, heartbeat_interval_s: 30 }),
    heartbeat: () => new Response(null, { status: 200 }),
    deregister: () => new Response(null, { status: 204 }),
    config: () => 'never',
    item: () => problem(404),
    ack: () => new Response(null, { status: 204 }),
    observed: () => new Response(null, { status: 204 }),
    usage: () => json({ duplicate: false }),
    'call-approvals': () => 'never',
    'dry-run': ({ body }) => (body === undefined ? 'never' : new Response(null, { status: 204 })),
  };
  const queued: { name: CallName; responder: Responder }[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  return {
    calls,
    named: (name: CallName) => calls.filter((call) => call.name === name),
    mostSessionCallsInFlight: () => mostInFlight,
    /** From now on. */
    always(name: CallName, responder: Responder): void {
      standing[name] = responder;
    },
    /** Once, in the order queued. */
    next(name: CallName, ...replies: Reply[]): void {
      for (const reply of replies) queued.push({ name, responder: () => reply });
    },
    async fetch(request: Request): Promise<Response> {
      const text = await request.text();
      const url = new URL(request.url);
      const call: RecordedCall = {
        name: nameOf(request.method, url.pathname),
        atMs: performance.now(),
        headers: request.headers,
        url,
        body: text === '' ? undefined : JSON.parse(text),
      };
      calls.push(call);
      const ofSession = call.name === 'register' || call.name === 'heartbeat';
      if (ofSession) mostInFlight = Math.max(mostInFlight, ++inFlight);
      try {
        const index = queued.findIndex(({ name }) => name === call.name);
        const responder = index < 0 ? standing[call.name] : queued.splice(index, 1)[0]!.responder;
        const reply = await responder(call, request.signal);
        if (reply instanceof Error) throw reply;
        return reply === 'never' ? await silence(request.signal) : reply;
      } finally {
        if (ofSession) inFlight -= 1;
      }
    },
  };
}

export type FakeControlPlane = ReturnType<typeof createFakeControlPlane>;

function nameOf(method: string, path: string): CallName {
  if (path === '/v1/internal/gateways/register') return 'register';
  if (method === 'DELETE') return 'deregister';
  if (path.endsWith('/config/ack')) return 'ack';
  if (path.includes('/config/items/')) return 'item';
  return path.slice(path.lastIndexOf('/') + 1) as CallName;
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** A signing key of a Control Plane and what it signs. */
export function createSigner(keyId = 'key-1'): {
  key: SigningKey;
  config(generation: number, items?: GatewayConfig['items'], id?: string): GatewayConfig;
  /** What is said of a state in place of its items. */
  name(generation: number, hash: string, id?: string): Pick<GatewayConfig, 'gateway_id' | 'generation' | 'hash' | 'signature'>;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const name = (generation: number, hash: string, id = gatewayId) => {
    const value = sign(null, Buffer.from(`${id}\n${generation}\n${hash}`), privateKey).toString('base64url');
    return { gateway_id: id, generation, hash, signature: { key_id: keyId, algorithm: 'ed25519' as const, value } };
  };
  return {
    key: { key_id: keyId, algorithm: 'ed25519', public_key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url') },
    config(generation, items = [], id = gatewayId) {
      return { ...name(generation, canonicalHash(items), id), items };
    },
    name,
  };
}

const idOf = (name: string): string => `2b0c5d0e-1111-4222-8333-${Buffer.from(name.padEnd(6, '-')).toString('hex').slice(0, 12)}`;

/** A small item, different for each name. */
export function api(name: string): ApiItem {
  const upstream = { url: 'http://127.0.0.1:8084' };
  return { id: `api:${idOf(name)}`, kind: 'api', api_id: idOf(name), name, version: '1', title: name, revision: 1, upstream, operations: [] };
}

/** A limit that is attached to these APIs. */
export function policyOn(...apis: readonly ApiItem[]): PolicyItem {
  const policy = { kind: 'rate_limit', config: { limit: 5, window_s: 60 } } as const;
  const id = idOf('limits');
  return { id: `policy:${id}`, kind: 'policy', policy_id: id, name: 'limits', policy, api_ids: apis.map(({ api_id }) => api_id) };
}

/** A small item, different for each name. */
export function consumer(name: string): GatewayConfig['items'][number] {
  const id = idOf(name);
  return { id: `consumer:${id}`, kind: 'consumer', consumer_id: id, name, keys: [] };
}

/** A key of a consumer, as an item of its own. */
export function keyOf(owner: GatewayConfig['items'][number], name: string): ConsumerKeyItem {
  const id = idOf(name);
  const consumerId = owner.id.slice('consumer:'.length);
  return {
    id: `consumer_key:${id}`,
    kind: 'consumer_key',
    key_id: id,
    consumer_id: consumerId,
    sha256: createHash('sha256').update(name).digest('hex'),
  };
}

/** Moves the fake clock on until the condition holds. Time stands still while something is on its way to or from the disk. */
export async function advanceUntil(condition: () => boolean, stepMs = 1000): Promise<void> {
  for (let step = 0; step < 5000; step += 1) {
    if (condition()) return;
    await vi.advanceTimersByTimeAsync(stepMs);
    await diskIdle();
  }
  throw new Error(`The condition did not come true within ${5 * stepMs} s of the fake clock.`);
}

async function diskIdle(): Promise<void> {
  // One turn of the real event loop, so that what follows a finished operation has begun.
  for (let idleTurns = 0; idleTurns < 2; idleTurns += 1) {
    await realTurn();
    if (process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name))) idleTurns = -1;
  }
}
