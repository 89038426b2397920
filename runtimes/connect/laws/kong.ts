import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { createKongAdapter } from '../vendors/kong/adapter.ts';
import { nthWrite } from './nth-write.ts';
import type { Exposed, FaultKind, LawBench, LawSubject } from './subject.ts';

type Row = Readonly<Record<string, unknown>> & { readonly id: string };
type Tables = ReturnType<KongSimulator['tables']>;

/** What each plugin enforces. `acl` is the other half of `key-auth`: alone it lets nobody in. */
const kindOf: Readonly<Record<string, PolicySpec['kind']>> = {
  'key-auth': 'api_key_auth',
  cors: 'cors',
  'ip-restriction': 'ip_restriction',
  'request-size-limiting': 'request_size_limit',
};

/** The rest have to be looked into. Of the platforms' limits those of minutes and hours are rates, and those of days and months quotas. */
function kindsOf({ name, config }: Row): PolicySpec['kind'][] {
  const fields = config as Readonly<Record<string, unknown>>;
  const known = kindOf[String(name)];
  if (known !== undefined) return [known];
  const counts = (...counters: string[]): boolean => counters.some((counter) => fields[counter] !== null);
  if (name === 'rate-limiting')
    return [...(counts('minute', 'hour') ? ['rate_limit' as const] : []), ...(counts('day', 'month') ? ['quota' as const] : [])];
  const added = (fields['add'] as { headers?: unknown[] } | undefined)?.headers ?? [];
  return name === 'request-transformer' && added.length > 0 ? ['headers'] : [];
}
const kinds = ['services', 'routes', 'plugins', 'consumers', 'keyauth_credentials', 'acls', 'upstreams', 'targets'] as const;

type Answers = Readonly<Record<FaultKind, { status?: number; body?: unknown; applied?: boolean }>>;
const answers: Answers = {
  refused: { status: 400, body: { message: 'schema violation', code: 2 } },
  error: { status: 500 },
  cut: {},
  error_after: { status: 500, applied: true },
  cut_after: { applied: true },
  lied: { status: 200, body: { id: '00000000-0000-4000-8000-000000000000', tags: [] } },
};

/** How the two modes of Kong differ for the bench: what a write is, how it fails, and how something foreign comes there. */
type Mode = {
  readonly database?: 'off';
  readonly write: RegExp;
  readonly answers: Answers;
  plant(simulator: KongSimulator, seed: number): Promise<void>;
};

const withDatabase: Mode = { write: /^\/[a-z-]+\/[0-9a-f-]{36}$/, answers, plant: plantForeign };
const refusedDocument = { message: 'declarative config is invalid: {}', code: 14, flattened_errors: {}, fields: {} };
const withoutDatabase: Mode = {
  database: 'off',
  write: /^\/config$/,
  answers: { ...answers, refused: { status: 400, body: refusedDocument }, lied: { status: 201, body: {} } },
  plant: declareForeign,
};

export const kong: LawSubject = subject('the simulator of Kong 3.9.3, which replays its recordings', withDatabase);
export const kongWithoutDatabase: LawSubject = subject('the simulator of Kong 3.9.3 without a database', withoutDatabase);

function subject(on: string, mode: Mode): LawSubject {
  return {
    on,
    faults: Object.keys(answers) as FaultKind[],
    async start(): Promise<LawBench> {
      let look: (() => void) | undefined;
      const simulator = await startKongSimulator({
        adminPort: 0,
        proxyPort: 0,
        onChange: () => look?.(),
        ...(mode.database && { database: mode.database }),
      });
      return {
        adapter: () => createKongAdapter({ url: simulator.adminUrl, timeoutMs: 5000 }),
        reset: async () => simulator.clear(),
        plantForeign: (seed) => mode.plant(simulator, seed),
        foreign: async (gatewayIds) => contentOf(simulator.tables(), (row) => !gatewayIds.some((id) => isOf(row, id))),
        ours: async (gatewayId) => contentOf(simulator.tables(), (row) => isOf(row, gatewayId)),
        exposed: (gatewayId) => exposed(simulator.tables(), gatewayId),
        watch: (given) => void (look = given),
        fail: (nth, kind) => simulator.failNext({ method: 'write', path: nthWrite(nth, (path) => mode.write.test(path)), ...mode.answers[kind] }),
        heal: () => simulator.forgetFaults(),
        writes() {
          const made = simulator.exchanges.filter(({ method }) => method !== 'GET').length;
          simulator.exchanges.length = 0;
          return made;
        },
        close: () => simulator.close(),
      };
    },
  };
}

const isOf = ({ tags }: Row, gatewayId: string): boolean => Array.isArray(tags) && tags.includes(`stoa-gateway:${gatewayId}`);

function contentOf(tables: Tables, wanted: (row: Row) => boolean): string {
  const rows = kinds.flatMap((kind) =>
    [...tables[kind].values()]
      .filter(wanted)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ created_at: _created, updated_at: _updated, ...row }) => JSON.stringify([kind, row])),
  );
  return rows.join('\n');
}

/** A service that is not closed, with a route that leads to it. */
function exposed(tables: Tables, gatewayId: string): Exposed[] {
  const idOf = (reference: unknown): string | undefined => (reference as { id: string } | null)?.id;
  return [...tables.services.values()]
    .filter((service) => isOf(service, gatewayId) && service['enabled'] !== false)
    .filter(({ id }) => [...tables.routes.values()].some((route) => idOf(route['service']) === id))
    .map((service): Exposed => {
      const own = [...tables.plugins.values()].filter((plugin) => idOf(plugin['service']) === service.id && plugin['enabled'] === true);
      const hasGroups = own.some((plugin) => plugin['name'] === 'acl');
      const inForce = own.filter((plugin) => plugin['name'] !== 'key-auth' || hasGroups);
      return { api: String(service['name']).replace(/^stoa-/, ''), guards: inForce.flatMap(kindsOf) };
    });
}

async function plantForeign({ adminUrl }: KongSimulator, seed: number): Promise<void> {
  const put = async (path: string, body: unknown, method = 'PUT'): Promise<void> => {
    const response = await fetch(adminUrl + path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  };
  if (seed === 0) return;
  await put('/services/theirs', { url: 'http://theirs.example.com/base', retries: seed, tags: ['team-a'] });
  await put('/services/theirs/routes/their-route', { paths: ['/theirs'] });
  await put('/services/theirs/plugins', { name: 'rate-limiting', config: { minute: seed } }, 'POST');
  if (seed === 1) return;
  await put('/consumers/alice', { custom_id: 'a-1' });
  await put('/consumers/alice/key-auth', { key: 'alices-key' }, 'POST');
  await put('/consumers/alice/acls', { group: 'gold' }, 'POST');
  if (seed === 3) await put('/plugins', { name: 'correlation-id', config: {} }, 'POST');
}

/** The same where a configuration is taken as a whole, with kinds that Connect knows nothing of. */
async function declareForeign({ adminUrl }: KongSimulator, seed: number): Promise<void> {
  const services = [
    { name: 'theirs', url: 'http://theirs.example.com/base', retries: seed, tags: ['team-a'], routes: [{ name: 'their-route', paths: ['/theirs'] }] },
  ];
  const alice = { username: 'alice', custom_id: 'a-1', keyauth_credentials: [{ key: 'alices-key' }], acls: [{ group: 'gold' }] };
  const plugins = [
    { name: 'correlation-id', config: {} },
    { name: 'rate-limiting', service: 'theirs', config: { minute: seed } },
  ];
  const document = {
    _format_version: '3.0',
    services,
    plugins: plugins.slice(seed === 3 ? 0 : 1),
    upstreams: [{ name: 'their-upstream', targets: [{ target: '127.0.0.1:9' }] }],
    ...(seed > 1 && { consumers: [alice] }),
  };
  const response = await fetch(`${adminUrl}/config`, {
    method: 'POST',
    body: JSON.stringify(document),
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(`POST /config: ${response.status} ${await response.text()}`);
}
