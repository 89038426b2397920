import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { AdminError } from '../engine/admin-error.ts';
import { filterChain, realEnvoy, startEnvoy } from '../testing/envoy-process.ts';
import type { RunningEnvoy } from '../testing/envoy-process.ts';
import { createEnvoyAdapter } from '../vendors/envoy/adapter.ts';
import { clustersFile, fileOf, render } from '../vendors/envoy/document.ts';
import { files, filterKinds, filters } from '../vendors/envoy/model.ts';
import type { FilterKind } from '../vendors/envoy/model.ts';
import { envoyTools } from '../vendors/envoy/tools.ts';
import type { EnvoyTools, Taking } from '../vendors/envoy/tools.ts';
import type { Exposed, FaultKind, LawBench, LawSubject, RealSubject } from './subject.ts';

/** An Envoy as the bench sees it: what its adapter works with, and what it runs. */
type Backend = {
  readonly tools: EnvoyTools;
  /** By file: what lies there. */
  files(): Promise<ReadonlyMap<string, string>>;
  /** The routes in force. */
  running(): string;
  plant(file: string, text: string): Promise<void>;
  /** Puts there what lies there before Connect comes. */
  clear(): Promise<void>;
  stop(): Promise<void>;
};

const faults: readonly FaultKind[] = ['refused', 'error', 'cut', 'error_after', 'cut_after', 'lied'];
const nothing = render([], { gatewayId: '', caFile: undefined });
const beginning = new Map([
  [files.clusters, clustersFile(nothing.clusters)],
  [files.routes, nothing.routes],
]);

export const envoy: LawSubject = {
  on: 'files, and a stand-in for Envoy that takes each when it is renamed',
  faults,
  start: async () => benchOn(standIn(), 10),
};

/** A real one takes a file within milliseconds; what it refuses, no file of ours says. */
export const realEnvoys: readonly RealSubject[] = [
  {
    on: 'a real Envoy 1.40',
    faults: ['error', 'cut', 'error_after', 'cut_after'],
    share: 0.06,
    missing: realEnvoy.path === undefined ? `Envoy 1.40 is not installed: ${realEnvoy.remedy}` : undefined,
    start: async () => benchOn(real(await startEnvoy(realEnvoy.path ?? '')), undefined),
  },
];

async function benchOn(backend: Backend, patienceMs: number | undefined): Promise<LawBench> {
  let look: (() => void) | undefined;
  let countdown = 0;
  let fault: FaultKind | undefined;
  let writes = 0;
  let refused = 0;
  await backend.clear();

  /** Of which the change with the number goes wrong. What puts back what was there takes a change back, and is none. */
  const faulty: EnvoyTools = {
    ...backend.tools,
    async taking() {
      const taking = await backend.tools.taking();
      return {
        ...taking,
        routes: { ...taking.routes, refused: taking.routes.refused + refused },
        clusters: { ...taking.clusters, refused: taking.clusters.refused + refused },
      };
    },
    async put(file, text) {
      writes += 1;
      const now = fault !== undefined && (countdown -= 1) === 0 ? fault : undefined;
      if (now === 'error' || now === 'cut') throw new AdminError('unavailable', 'a fault of the test');
      if (now === 'refused') return void (refused += 1);
      if (now === 'lied') return;
      await backend.tools.put(file, text);
      look?.();
      if (now === 'error_after' || now === 'cut_after') throw new AdminError('unavailable', 'a fault of the test');
    },
    async putBack(file, text) {
      await backend.tools.putBack(file, text);
      look?.();
    },
    close: () => undefined,
  };

  const named = Object.values(files) as string[];
  const text = async (isOurs: boolean): Promise<string> =>
    [...(await backend.files())]
      .filter(([file]) => named.includes(file) === isOurs)
      .sort()
      .map((entry) => entry.join('\n'))
      .join('\n');
  return {
    adapter: () =>
      createEnvoyAdapter({
        url: 'http://127.0.0.1:9901',
        settings: { envoyDir: '/nowhere', envoyListener: 'http://127.0.0.1:8080' },
        tools: faulty,
        ...(patienceMs !== undefined && { patienceMs }),
      }),
    reset: () => backend.clear(),
    plantForeign: (seed) => backend.plant('theirs.json', `{"theirs":"${'x'.repeat(seed)}"}\n`),
    foreign: () => text(false),
    ours: () => text(true),
    exposed: () => exposedBy(backend.running()),
    watch: (given) => void (look = given),
    fail: (nth, kind) => void ([countdown, fault] = [nth, kind]),
    heal: () => void (fault = undefined),
    writes() {
      const made = writes;
      writes = 0;
      return made;
    },
    close: () => backend.stop(),
  };
}

type Host = { name: string; routes: Route[]; typed_per_filter_config?: Record<string, { descriptors?: unknown[] }> };
type Route = {
  name?: string;
  typed_per_filter_config?: Record<string, unknown>;
  direct_response?: { status: number };
  route?: { rate_limits?: unknown[] };
};

/** An API is reachable where its routes are; which policies are in force there, they say. */
function exposedBy(routes: string): Exposed[] {
  const hosts = (fileOf(routes)?.resources ?? []).flatMap((one) => (one['virtual_hosts'] ?? []) as Host[]);
  return hosts
    .filter(({ name }) => name === 'stoa')
    .flatMap((host) =>
      [...Map.groupBy(host.routes, ({ name = '' }) => name)].flatMap(([api, own]) =>
        /^ambiguous$| preflight$/.test(api) ? [] : [{ api, guards: guardsOf(host, api, own) }],
      ),
    );
}

function guardsOf(host: Host, api: string, routes: readonly Route[]): PolicySpec['kind'][] {
  const isOn = (kind: FilterKind): boolean => routes.every((route) => route.typed_per_filter_config?.[filters[kind].name] !== undefined);
  // Where nobody has a key, nobody gets further.
  const isShut = routes.every(({ direct_response: answer }) => answer?.status === 401);
  const isCounted =
    (host.typed_per_filter_config?.[filters.rate_limit.name]?.descriptors?.length ?? 0) > 0 &&
    routes.every(({ route }) => route?.rate_limits !== undefined);
  const signs: { readonly [K in PolicySpec['kind']]?: boolean } = {
    api_key_auth: isShut || isOn('api_key_auth'),
    rate_limit: isShut || isCounted,
    cors: isOn('cors') && host.routes.some(({ name }) => name === `${api} preflight`),
    ip_restriction: isOn('ip_restriction'),
    request_size_limit: isOn('request_size_limit'),
    headers: isShut || routes.every((route) => JSON.stringify(route).includes('"X-Channel"')),
  };
  return (Object.keys(signs) as PolicySpec['kind'][]).filter((kind) => signs[kind]);
}

function standIn(): Backend {
  const there = new Map<string, string>();
  const running = new Map<string, string>();
  const manager = { typed_config: { use_remote_address: true, rds: { route_config_name: 'stoa' }, http_filters: filterChain() } };
  const put = async (file: string, text: string | undefined): Promise<void> => {
    if (text === undefined) return void there.delete(file);
    there.set(file, text);
    running.set(file, text);
  };
  const versionOf = (file: string): Taking['routes'] => ({ version: fileOf(running.get(file))?.version, refused: 0 });
  /** As the filters answer that are all there. */
  const answers = new Map<string, number>(
    Object.entries({ ip_restriction: 403, cors: 200, link: 503, api_key_auth: 401, rate_limit: 429, request_size_limit: 413 }),
  );
  const tools: EnvoyTools = {
    server: async () => ({ version: '1.40.0', refusesUnknown: true }),
    listeners: async () => [{ filter_chains: [{ filters: [manager] }] }],
    taking: async () => ({ clusters: versionOf(files.clusters), routes: versionOf(files.routes), unknown: 0 }),
    async ask(path) {
      const kind = filterKinds.find((one) => path === `/${one}`);
      return kind === undefined ? { status: 200, text: versionOf(files.routes).version ?? '' } : { status: answers.get(kind) ?? 404, text: '' };
    },
    tell: async () => ({ status: 404, text: '' }),
    read: async (file) => there.get(file),
    put,
    putBack: put,
    close: () => undefined,
  };
  return {
    tools,
    files: async () => there,
    running: () => running.get(files.routes) ?? '',
    plant: async (file, text) => void there.set(file, text),
    async clear() {
      there.clear();
      for (const [file, text] of beginning) await put(file, text);
    },
    stop: async () => undefined,
  };
}

function real({ dir, adminUrl, proxyUrl, stop }: RunningEnvoy): Backend {
  const tools = envoyTools({ url: adminUrl, dir, listener: proxyUrl });
  let running = '';
  async function put(file: string, text: string | undefined): Promise<void> {
    await tools.put(file, text);
    if (file === files.objects || text === undefined) return;
    // A file that nobody waits for, such as one that is put back, is taken in its own time.
    const [version, of] = [fileOf(text)?.version, file === files.routes ? ('routes' as const) : ('clusters' as const)];
    while ((await tools.taking())[of].version !== version);
    if (of === 'routes') running = text;
  }
  const all = async (): Promise<Map<string, string>> =>
    new Map(await Promise.all((await readdir(dir)).map(async (file) => [file, await readFile(join(dir, file), 'utf8')] as const)));
  return {
    tools: { ...tools, put, putBack: put },
    files: all,
    running: () => running,
    plant: (file, text) => writeFile(join(dir, file), text),
    async clear() {
      for (const file of (await all()).keys()) if (file !== files.clusters && file !== files.routes) await tools.put(file, undefined);
      for (const [file, text] of beginning) await put(file, text);
    },
    async stop() {
      tools.close();
      await stop();
    },
  };
}
