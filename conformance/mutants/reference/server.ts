// A Control Plane in memory, as small as the contract allows: what mutants are made of. It has no part of the product in it and imports nothing but Node.js.
import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies are judged by `faultsOf` before anything is read of them
type Json = any;
type Key = {
  id: string;
  tenant: string;
  secret: string;
  environments: string[];
  modes: string[];
  name?: string;
  expiresMs: number;
  revoked: boolean;
};
type Item = { id: string; kind: string; [member: string]: unknown };
type Gateway = {
  id: string;
  tenant: string;
  said: Json;
  bootId?: string;
  epoch: number;
  takeovers: number[];
  registeredMs: number;
  beatMs: number;
  beat?: Json;
  left: boolean;
  revoked: boolean;
  unknown: Set<string>;
  generation: number;
  hash: string;
  items: Item[];
  issued: Map<number, string[]>;
  ack?: Json;
  observed?: Json;
};
type Reply = { status: number; body?: unknown; headers?: Record<string, string> };
type Call = { params: Record<string, string>; query: URLSearchParams; headers: IncomingMessage['headers']; body: Json; key: Key | undefined };
type Options = { intervalS: number; gatewayKey: string; adminToken: string; otherTenantKey: string };

const modes = ['edge_mcp', 'sidecar', 'connect'];
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const maxBytes = 4_000_000;
const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const canonical = (value: Json): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(',')}}`;
};
const iso = (ms: number): string => new Date(ms).toISOString();

class Refusal extends Error {
  readonly reply: Reply;
  constructor(status: number, members: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
    super(String(status));
    this.reply = { status, body: { type: 'about:blank', title: 'Refused', status, detail: `Answered with ${status}.`, ...members }, headers };
  }
}

type Rule = { required?: boolean; ok: (value: Json) => boolean; message: string };
const text =
  (pattern: RegExp): ((value: Json) => boolean) =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const whole = (value: Json): boolean => Number.isSafeInteger(value) && value >= 0;
const registration: Record<string, Rule> = {
  instance_name: { required: true, ok: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/), message: 'must be a name' },
  gateway_mode: { required: true, ok: (value) => modes.includes(value), message: `must be one of ${modes.join(', ')}` },
  version: { required: true, ok: text(/^.{1,64}$/), message: 'must be a version' },
  features: {
    required: true,
    ok: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
    message: 'must be a list of names',
  },
  environment: { required: true, ok: text(/^[a-z0-9][a-z0-9-]{0,62}$/), message: 'must be a name in lower case' },
  boot_id: { ok: text(uuid), message: 'must be a UUID' },
  labels: { ok: (value) => typeof value === 'object', message: 'must be an object' },
  endpoints: { ok: (value) => typeof value === 'object', message: 'must be an object' },
  target_gateway: { ok: (value) => typeof value?.type === 'string', message: 'must have a type' },
};
const epoch: Rule = { ok: (value) => Number.isSafeInteger(value) && value >= 1 && value <= 2147483647, message: 'must be an epoch' };
const beating: Record<string, Rule> = {
  status: {
    required: true,
    ok: (value) => ['healthy', 'degraded', 'unhealthy'].includes(value),
    message: 'must be one of healthy, degraded, unhealthy',
  },
  uptime_s: { required: true, ok: (value) => typeof value === 'number' && value >= 0 && value <= 1e12, message: 'must be a number of seconds' },
  metrics: {
    required: true,
    ok: (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.keys(value).length <= 256 &&
      Object.keys(value).every((name) => name.length <= 128),
    message: 'must be an object',
  },
  lease_epoch: epoch,
  seq: { ok: whole, message: 'must be a whole number' },
  config: {
    ok: (value) => whole(value?.generation) && typeof value?.hash === 'string' && typeof value?.state === 'string',
    message: 'must have generation, hash and state',
  },
};
const batch: Record<string, Rule> = {
  boot_id: { required: true, ok: text(uuid), message: 'must be a UUID' },
  seq: { required: true, ok: whole, message: 'must be a whole number' },
  records: { required: true, ok: Array.isArray, message: 'must be a list' },
  lease_epoch: epoch,
};
const acknowledgement: Record<string, Rule> = {
  generation: { required: true, ok: whole, message: 'must be a whole number' },
  hash: { required: true, ok: (value) => typeof value === 'string', message: 'must be a text' },
  state: { required: true, ok: (value) => ['applied', 'applied_with_warnings', 'rejected'].includes(value), message: 'must be a state' },
  items: { required: true, ok: Array.isArray, message: 'must be a list' },
  lease_epoch: epoch,
};
const observation: Record<string, Rule> = {
  apis: { required: true, ok: Array.isArray, message: 'must be a list' },
  drift: { required: true, ok: Array.isArray, message: 'must be a list' },
  lease_epoch: epoch,
};

function judge(body: Json, rules: Record<string, Rule>): string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal(400, { errors: [{ pointer: '/body', message: 'must be an object' }] });
  const errors: { pointer: string; message: string }[] = [];
  for (const [name, { required, ok, message }] of Object.entries(rules)) {
    if (body[name] === undefined ? required === true : !ok(body[name])) errors.push({ pointer: `/body/${name}`, message });
  }
  for (const [name, value] of Object.entries(rules === beating && beating['metrics']?.ok(body.metrics) === true ? body.metrics : {}))
    if (typeof value !== 'number') errors.push({ pointer: `/body/metrics/${name}`, message: 'must be a number' });
  if (errors.length > 0) throw new Refusal(400, { errors });
  return Object.keys(body).filter((name) => !Object.hasOwn(rules, name));
}

export async function startServer({
  intervalS,
  gatewayKey,
  adminToken,
  otherTenantKey,
}: Options): Promise<{ url: string; close: () => Promise<void> }> {
  const anyKey = { environments: [], modes: [], expiresMs: Infinity, revoked: false };
  const keys: Key[] = [
    { ...anyKey, id: randomUUID(), tenant: 'one', secret: gatewayKey },
    { ...anyKey, id: randomUUID(), tenant: 'two', secret: otherTenantKey },
  ];
  const gateways = new Map<string, Gateway>();
  const apis = new Map<string, Item>();
  const deployments = new Map<string, Json>();
  const batches = new Set<string>();
  const usage: Json[] = [];
  const waiting = new Set<() => void>();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const signingKey = {
    key_id: 'reference',
    algorithm: 'ed25519',
    public_key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
  };
  const ttlS = 3 * intervalS + 10;

  function holder({ params, key, body, query }: Call, isFenced = true): Gateway {
    const id = (params['gateway_id'] ?? '').toLowerCase();
    if (!uuid.test(id)) throw new Refusal(400, { errors: [{ pointer: '/path/gateway_id', message: 'must be a UUID' }] });
    const gateway = gateways.get(id);
    if (gateway === undefined || gateway.tenant !== key?.tenant) throw new Refusal(404);
    if (!covers(key, gateway.said)) throw new Refusal(403);
    if (gateway.revoked) throw new Refusal(410, { code: 'decommissioned' });
    if (gateway.left) throw new Refusal(404);
    const said = body?.lease_epoch ?? (query.has('lease_epoch') ? Number(query.get('lease_epoch')) : undefined);
    if (isFenced && said !== undefined && said !== gateway.epoch) throw new Refusal(409, { code: 'stale_epoch' });
    return gateway;
  }

  const covers = (key: Key, { environment, gateway_mode, instance_name }: Json): boolean =>
    (key.environments.length === 0 || key.environments.includes(environment)) &&
    (key.modes.length === 0 || key.modes.includes(gateway_mode)) &&
    (key.name === undefined || key.name === instance_name);

  /** Makes the desired state of a gateway anew, and a generation of it when it differs. */
  function desire(gateway: Gateway): void {
    const wanted = [...deployments.values()].filter(({ targets }) => targets.instance_names?.includes(gateway.said.instance_name));
    const takes = (gateway.said.features as string[]).includes('subscriptions');
    const items = wanted.map(({ api_id }) => apis.get(api_id) as Item).filter((item) => takes || item['subscription_required'] !== true);
    const hash = sha256(canonical(items));
    if (hash === gateway.hash) return;
    gateway.generation += 1;
    gateway.hash = hash;
    gateway.items = items;
    gateway.issued.set(gateway.generation, [hash, listHash(items)]);
    for (const wake of waiting) wake();
  }

  const lineOf = (item: Item): string => JSON.stringify(item);
  const listHash = (items: readonly Item[]): string =>
    sha256(
      [...items]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((item) => `${sha256(lineOf(item)).slice(7)}\n`)
        .join(''),
    );
  const signed = (gateway: Gateway, hash: string) => ({
    gateway_id: gateway.id,
    generation: gateway.generation,
    hash,
    signature: {
      key_id: signingKey.key_id,
      algorithm: 'ed25519',
      value: sign(null, Buffer.from(`${gateway.id}\n${gateway.generation}\n${hash}`), privateKey).toString('base64url'),
    },
  });

  function liveness(gateway: Gateway): string {
    const silentS = (Date.now() - gateway.beatMs) / 1000;
    if (gateway.revoked) return 'revoked';
    if (gateway.left) return 'left';
    if (gateway.takeovers.filter((at) => Date.now() - at < 300_000).length > 3) return 'conflict';
    if (silentS > ttlS) return 'offline';
    return silentS > 1.5 * intervalS ? 'late' : 'online';
  }

  function syncState({ generation, hash, ack, items, issued }: Gateway): string {
    if (ack === undefined) return generation === 0 ? 'none' : 'pending';
    if (ack.generation !== generation) return 'pending';
    if (ack.state === 'rejected') return 'rejected';
    if (ack.items.some((item: Json) => item.state === 'rejected')) return 'partly_rejected';
    if (!(issued.get(generation) ?? [hash]).includes(ack.hash) || (ack.items.length < items.length && ack.unlisted_applied !== true))
      return 'pending';
    return ack.state === 'applied' ? 'in_sync' : 'in_sync_with_warnings';
  }

  const page = (gateway: Gateway): Json => {
    const { environment, instance_name, gateway_mode, version, features, labels = {}, endpoints = {}, target_gateway } = gateway.said;
    const { status, uptime_s, metrics } = gateway.beat ?? {};
    return {
      gateway_id: gateway.id,
      environment,
      instance_name,
      gateway_mode,
      version,
      features,
      labels,
      endpoints,
      ...(target_gateway !== undefined && { target_gateway }),
      liveness: liveness(gateway),
      lease_epoch: gateway.epoch,
      heartbeat_interval_s: intervalS,
      registered_at: iso(gateway.registeredMs),
      ...(gateway.beat !== undefined && { status, uptime_s: Math.floor(uptime_s), metrics }),
      last_heartbeat_at: iso(gateway.beatMs),
      lease_until: iso(gateway.beatMs + ttlS * 1000),
      config: {
        state: syncState(gateway),
        desired_generation: gateway.generation,
        acked_generation: gateway.ack?.generation ?? 0,
        ...(gateway.ack !== undefined && { items: gateway.ack.items }),
      },
      unknown_fields: [...gateway.unknown].sort(),
      ...(gateway.observed !== undefined && { observed: gateway.observed }),
    };
  };
  const found = (id: string | undefined): Gateway => {
    const gateway = gateways.get(id ?? '');
    if (gateway === undefined || gateway.tenant !== 'one') throw new Refusal(404);
    return gateway;
  };
  const etag = (value: unknown): Record<string, string> => ({ etag: `"${sha256(JSON.stringify(value)).slice(7, 30)}"` });

  const protocol: Record<string, (call: Call) => Reply | Promise<Reply>> = {
    'POST /v1/internal/gateways/register': ({ body, key }) => {
      const unknown = judge(body, registration);
      if (key === undefined || !covers(key, body)) throw new Refusal(403);
      const same = [...gateways.values()].find(
        ({ tenant, said }) => tenant === key.tenant && said.environment === body.environment && said.instance_name === body.instance_name,
      );
      if (same !== undefined && !covers(key, same.said)) throw new Refusal(403);
      if (same?.revoked === true) throw new Refusal(410, { code: 'decommissioned' });
      const nothing = { hash: sha256('[]'), issued: new Map([[0, [sha256('[]'), sha256('')]]]), items: [] as Item[], generation: 0 };
      const gateway: Gateway = same ?? {
        id: randomUUID(),
        tenant: key.tenant,
        said: body,
        epoch: 1,
        takeovers: [],
        registeredMs: Date.now(),
        beatMs: Date.now(),
        left: false,
        revoked: false,
        unknown: new Set(),
        ...nothing,
      };
      if (same !== undefined && body.boot_id !== undefined && same.bootId !== undefined && same.bootId !== body.boot_id) {
        gateway.epoch += 1;
        gateway.takeovers.push(Date.now());
      }
      if (body.boot_id !== undefined) gateway.bootId = body.boot_id;
      gateway.said = body;
      gateway.left = false;
      gateway.beatMs = Date.now();
      for (const name of unknown) gateway.unknown.add(name);
      gateways.set(gateway.id, gateway);
      desire(gateway);
      return {
        status: 200,
        body: {
          gateway_id: gateway.id,
          heartbeat_interval_s: intervalS,
          lease_epoch: gateway.epoch,
          lease_ttl_s: ttlS,
          signing_keys: [signingKey],
          signing_keys_id: 'the-one-key',
          features: ['config_base'],
        },
      };
    },
    'POST /v1/internal/gateways/{gateway_id}/heartbeat': (call) => {
      const unknown = judge(call.body, beating);
      const gateway = holder(call);
      gateway.beat = call.body;
      gateway.beatMs = Date.now();
      for (const name of unknown) gateway.unknown.add(name);
      return {
        status: 200,
        body: {
          heartbeat_interval_s: intervalS,
          lease_epoch: gateway.epoch,
          lease_ttl_s: ttlS,
          config_generation: gateway.generation,
          signing_keys_id: 'the-one-key',
        },
      };
    },
    'GET /v1/internal/gateways/{gateway_id}/config': async (call) => {
      const untilMs = Date.now() + Number(call.query.get('wait_s') ?? 0) * 1000;
      for (;;) {
        const gateway = holder(call, false);
        const tag = `"${gateway.generation}-${gateway.hash.slice(7, 30)}"`;
        if (call.headers['if-none-match'] !== tag) return feed(gateway, tag, call.query.get('base'));
        const leftMs = untilMs - Date.now();
        if (leftMs <= 0) return { status: 304, headers: { etag: tag } };
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            clearTimeout(timer);
            resolve();
          };
          const timer = setTimeout(wake, leftMs);
          waiting.add(wake);
        });
      }
    },
    'GET /v1/internal/gateways/{gateway_id}/config/items/{hash}': (call) => {
      const item = holder(call, false).items.find((one) => sha256(lineOf(one)) === call.params['hash']);
      if (item === undefined) throw new Refusal(404);
      return { status: 200, body: item };
    },
    'POST /v1/internal/gateways/{gateway_id}/config/ack': (call) => {
      judge(call.body, acknowledgement);
      const gateway = holder(call);
      const { generation, hash } = call.body;
      if (gateway.issued.get(generation)?.includes(hash) !== true) throw new Refusal(422, { code: 'unknown_generation' });
      if (gateway.ack === undefined || generation >= gateway.ack.generation) gateway.ack = call.body;
      return { status: 204 };
    },
    'PUT /v1/internal/gateways/{gateway_id}/observed': (call) => {
      judge(call.body, observation);
      const gateway = holder(call);
      const { lease_epoch: _, ...observed } = call.body;
      gateway.observed = observed;
      return { status: 204 };
    },
    'POST /v1/internal/gateways/{gateway_id}/usage': (call) => {
      judge(call.body, batch);
      const gateway = holder(call);
      const name = `${gateway.id} ${call.body.boot_id} ${call.body.seq}`;
      const duplicate = batches.has(name);
      batches.add(name);
      if (!duplicate) usage.push(...call.body.records);
      return { status: 200, body: { duplicate } };
    },
    'DELETE /v1/internal/gateways/{gateway_id}': (call) => {
      holder(call).left = true;
      return { status: 204 };
    },
  };

  function feed(gateway: Gateway, tag: string, base: string | null): Reply {
    if (base === null) return { status: 200, headers: { etag: tag }, body: { ...signed(gateway, gateway.hash), items: gateway.items } };
    const sorted = [...gateway.items].sort((a, b) => (a.id < b.id ? -1 : 1));
    const now = listHash(sorted);
    const changed = (base === now ? [] : sorted).map((item) => ({
      id: item.id,
      kind: item.kind,
      hash: sha256(lineOf(item)),
      size: Buffer.byteLength(lineOf(item)),
    }));
    const manifest = { ...signed(gateway, now), ...(base === now && { base }), removed: [], changed };
    const lines = [JSON.stringify(manifest), ...(base === now ? [] : sorted.map(lineOf))].map((line) => `${line}\n`);
    return { status: 200, headers: { etag: tag, 'content-type': 'application/jsonl' }, body: lines.join('') };
  }

  const operator: Record<string, (call: Call) => Reply> = {
    'GET /v1/gateways/modes': () => {
      const all = [...gateways.values()].filter(({ tenant }) => tenant === 'one');
      const summary = modes.map((mode, index) => {
        const instances = all.filter(({ said }) => said.gateway_mode === mode).map(page);
        const counts = { online: 0, late: 0, offline: 0, left: 0, revoked: 0, conflict: 0 } as Record<string, number>;
        for (const instance of instances) counts[instance.liveness] = (counts[instance.liveness] ?? 0) + 1;
        const shown = instances.map(({ config: { items: _, ...config }, ...instance }) => ({ ...instance, config }));
        return {
          gateway_mode: mode,
          product: ['STOA Gateway', 'STOA Link', 'STOA Connect'][index],
          total: instances.length,
          counts,
          instances: shown.slice(-500),
          more: Math.max(0, shown.length - 500),
        };
      });
      return { status: 200, body: { as_of: iso(Date.now()), modes: summary } };
    },
    'GET /v1/gateways/{gateway_id}': ({ params }) => {
      const body = page(found(params['gateway_id']));
      return { status: 200, body, headers: etag(body) };
    },
    'DELETE /v1/gateways/{gateway_id}': ({ params }) => {
      found(params['gateway_id']).revoked = true;
      for (const wake of waiting) wake();
      return { status: 204 };
    },
    'POST /v1/gateway-keys': ({ body }) => {
      const { name, environments = [], modes: ofModes = [], instance_name, expires_at } = body;
      const key: Key = {
        id: randomUUID(),
        tenant: 'one',
        secret: `stoa_gk_${randomBytes(32).toString('base64url')}`,
        environments,
        modes: ofModes,
        ...(instance_name !== undefined && { name: instance_name }),
        expiresMs: expires_at === undefined ? Infinity : Date.parse(expires_at),
        revoked: false,
      };
      keys.push(key);
      const told = {
        key_id: key.id,
        name,
        environments,
        modes: ofModes,
        ...(instance_name !== undefined && { instance_name }),
        hint: key.secret.slice(0, 12),
        state: 'valid',
        created_at: iso(Date.now()),
      };
      return { status: 201, body: { key: told, secret: key.secret } };
    },
    'DELETE /v1/gateway-keys/{key_id}': ({ params }) => {
      const key = keys.find(({ id }) => id === params['key_id']);
      if (key === undefined) throw new Refusal(404);
      key.revoked = true;
      return { status: 204 };
    },
    'POST /v1/apis': ({ body }) => {
      const api_id = randomUUID();
      const { info, servers } = body.document;
      const upstream = { url: servers[0].url };
      apis.set(api_id, {
        id: `api:${api_id}`,
        kind: 'api',
        api_id,
        name: body.name,
        version: info.version,
        title: info.title,
        revision: 1,
        upstream,
        operations: [],
        subscription_required: true,
      });
      const api = {
        api_id,
        name: body.name,
        title: info.title,
        version: info.version,
        revision: 1,
        upstream_url: upstream.url,
        has_upstream_auth: false,
        open_to_all_consumers: false,
        labels: {},
        tools: 0,
        list_bytes: 2,
        list_tokens: 1,
        warnings: [],
        loss_report: [],
        created_at: iso(Date.now()),
        updated_at: iso(Date.now()),
      };
      return { status: 201, body: api, headers: etag(api) };
    },
    'POST /v1/deployments': ({ body }) => {
      const deployment = { deployment_id: randomUUID(), api_id: body.api_id, targets: body.targets, revision: 'newest', created_at: iso(Date.now()) };
      deployments.set(deployment.deployment_id, deployment);
      for (const gateway of gateways.values()) if (gateway.tenant === 'one') desire(gateway);
      return { status: 201, body: deployment, headers: etag(deployment) };
    },
    'GET /v1/deployments/{deployment_id}': ({ params }) => {
      const deployment = deployments.get(params['deployment_id'] ?? '');
      if (deployment === undefined) throw new Refusal(404);
      const at = [...gateways.values()].filter(({ said }) => deployment.targets.instance_names?.includes(said.instance_name));
      const told = at.map(({ id, said, ack, generation }) => {
        const item = ack?.generation === generation ? ack.items.find((one: Json) => one.id === `api:${deployment.api_id}`) : undefined;
        const { state = 'pending', phase, reason } = item ?? {};
        return {
          gateway_id: id,
          instance_name: said.instance_name,
          environment: said.environment,
          gateway_mode: said.gateway_mode,
          liveness: liveness(gateways.get(id) as Gateway),
          state,
          ...(phase !== undefined && { phase }),
          ...(reason !== undefined && { reason }),
        };
      });
      const body = { ...deployment, gateways: told };
      return { status: 200, body, headers: etag(body) };
    },
    'DELETE /v1/deployments/{deployment_id}': ({ params }) => {
      if (!deployments.delete(params['deployment_id'] ?? '')) throw new Refusal(404);
      for (const gateway of gateways.values()) if (gateway.tenant === 'one') desire(gateway);
      return { status: 204 };
    },
    'GET /v1/usage': ({ query }) => {
      const items = usage
        .filter(({ api_id }) => api_id === query.get('api_id'))
        .map(({ api_id, operation_id, door, calls, errors, denied, duration_ms }) => ({
          api_id,
          operation_id,
          door,
          gateway_id: randomUUID(),
          calls,
          errors,
          denied,
          duration_ms,
          request_bytes: 0,
          response_bytes: 0,
        }));
      return { status: 200, body: { from: iso(0), to: iso(Date.now()), items } };
    },
  };

  const routes = [
    ...Object.entries(protocol).map(([name, answer]) => ({ ...templateOf(name), answer, isProtocol: true })),
    ...Object.entries(operator).map(([name, answer]) => ({ ...templateOf(name), answer, isProtocol: false })),
  ].sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));

  async function answer(request: IncomingMessage): Promise<Reply> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://reference');
    const isProtocol = pathname.startsWith('/v1/internal/');
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const key = keys.find(({ secret }) => secret === token);
    const isGood = key !== undefined && !key.revoked && Date.now() < key.expiresMs;
    const isAdmin = token === adminToken;
    if (!isGood && !isAdmin) throw new Refusal(401, {}, { 'www-authenticate': 'Bearer realm="reference"' });
    if (isProtocol ? !isGood : !isAdmin) throw new Refusal(403);
    for (const route of routes) {
      const params = route.method === request.method ? match(route.path, pathname) : undefined;
      if (params === undefined) continue;
      if (params['gateway_id'] !== undefined && !uuid.test(params['gateway_id']))
        throw new Refusal(400, { errors: [{ pointer: '/path/gateway_id', message: 'must be a UUID' }] });
      const body = ['POST', 'PUT'].includes(request.method ?? '') ? await read(request) : undefined;
      return route.answer({ params, query, headers: request.headers, body, key });
    }
    throw new Refusal(404);
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown) => (error instanceof Refusal ? error.reply : new Refusal(500, { detail: String(error) }).reply))
      .then(({ status, body, headers = {} }) => {
        const requestId = randomUUID();
        if (!request.complete) request.resume();
        if (body === undefined) return void response.writeHead(status, { 'x-request-id': requestId, ...headers }).end();
        const isProblem = status >= 400;
        const told = isProblem ? { ...(body as object), request_id: requestId } : body;
        const type = isProblem ? 'application/problem+json' : 'application/json';
        response.writeHead(status, { 'x-request-id': requestId, 'cache-control': 'no-store', 'content-type': type, ...headers });
        response.end(typeof told === 'string' ? told : JSON.stringify(told));
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function templateOf(name: string): { method: string; path: string } {
  const [method = '', path = ''] = name.split(' ');
  return { method, path };
}

function match(template: string, pathname: string): Record<string, string> | undefined {
  const [wanted, given] = [template.split('/'), pathname.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith('{')) params[part.slice(1, -1)] = decodeURIComponent(given[index] ?? '');
    else if (part !== given[index]) return undefined;
  }
  return params;
}

async function read(request: IncomingMessage): Promise<Json> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json(?:; *charset=utf-8)?$/i.test(type)) throw new Refusal(415);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) throw new Refusal(413);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, { errors: [{ pointer: '/body', message: 'must be JSON' }] });
  }
}
