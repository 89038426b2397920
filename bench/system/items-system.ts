import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { WorkloadSpec } from '../load/job.ts';
import { itemPath, itemsDocument } from '../subjects/items.ts';
import type { Bench } from './bench.ts';
import { builtProgram, must, startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { answers, freePort } from './processes.ts';

const subject = (name: string): string => join(import.meta.dirname, '../subjects', name);
const deployedWithinMs = 30_000;
/** A limit that is counted with every call and met by none. */
const hugeLimit = 1_000_000_000;

export async function startUpstream(bench: Bench): Promise<string> {
  return (await startSubject(bench, 'upstream', {}, bench.plan.cores?.upstream)).url;
}

/** Starts a program of `subjects/` on a free port. */
export async function startSubject(
  bench: Bench,
  name: string,
  env: Record<string, string> = {},
  cores = bench.plan.cores?.subject,
): Promise<{ url: string; pids: number[] }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { pid } = await bench.processes.start({
    name,
    command: process.execPath,
    args: [...bench.nodeArguments(name), subject(`${name}.ts`)],
    env: { ...env, PORT: String(port) },
    cores,
    isReady: () => answers(`${url}${itemPath(0)}`),
  });
  return { url, pids: [pid] };
}

export type DeployedGateway = {
  url: string;
  pids: number[] /** A call of the item tool, for the load generator. */;
  workload(revision?: '2025-11-25' | '2026-07-28'): Extract<WorkloadSpec, { kind: 'tools-call' }>;
};
export type ItemsSystem = { controlPlane: ControlPlane; startGateway(name: string, cores?: readonly number[]): Promise<DeployedGateway> };

/**
 * A Control Plane that has the items API deployed with everything on: consumer keys, a subscription, a Cedar policy, a rate limit that counts every call,
 * and metering. Gateways started from it are real, bundled processes that got all of this from it.
 */
export async function startItemsSystem(bench: Bench, upstreamUrl: string): Promise<ItemsSystem> {
  const controlPlane = await startControlPlane(bench);
  const { client } = controlPlane;
  const api = must(await client.createApi({ body: { name: 'items', document: itemsDocument(upstreamUrl), upstream_url: upstreamUrl } }));
  const attached_to = [{ api_id: api.api_id }];
  const cedar = 'permit(principal, action, resource) when { resource.read_only && principal.labels has team && principal.labels.team == "bench" };';
  must(await client.createPolicy({ body: { name: 'items-access', policy: { kind: 'tool_access', config: { cedar } }, attached_to } }));
  must(
    await client.createPolicy({
      body: { name: 'items-limit', policy: { kind: 'rate_limit', config: { limit: hugeLimit, window_s: 60 } }, attached_to },
    }),
  );
  const { consumer_id } = must(await client.createConsumer({ body: { name: 'bench-agent', labels: { team: 'bench' } } }));
  const { secret } = must(await client.createConsumerKey({ params: { path: { consumer_id } }, body: {} }));
  must(await client.createSubscription({ body: { api_id: api.api_id, consumer_id } }));
  must(await client.createDeployment({ body: { api_id: api.api_id, targets: { environments: ['bench'] } } }));
  return { controlPlane, startGateway: (name, cores = bench.plan.cores?.subject) => startGateway(bench, controlPlane, secret, name, cores) };
}

async function startGateway(
  bench: Bench,
  { url: controlPlaneUrl, gatewayKey }: ControlPlane,
  consumerKey: string,
  name: string,
  cores: readonly number[] | undefined,
): Promise<DeployedGateway> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { pid } = await bench.processes.start({
    name,
    ...builtProgram('stoa-gateway', bench.nodeArguments(name)),
    cores,
    env: {
      STOA_CONTROL_PLANE_URL: controlPlaneUrl,
      STOA_GATEWAY_KEY: gatewayKey,
      STOA_ENVIRONMENT: 'bench',
      STOA_INSTANCE_NAME: name,
      STOA_LISTEN: new URL(url).host,
      STOA_STATE_DIR: join(bench.dir, name),
    },
    isReady: () => answers(`${url}/readyz`),
  });
  const endpoint = `${url}/mcp`;
  const headers = { authorization: `Bearer ${consumerKey}` };
  const tool = await firstTool(endpoint, headers);
  return { url, pids: [pid], workload: (revision = '2025-11-25') => ({ kind: 'tools-call', urls: [endpoint], tool, revision, headers }) };
}

/** The name of the first tool at an MCP endpoint, once there is one. */
export async function firstTool(endpoint: string, headers: Record<string, string>): Promise<string> {
  const deadline = Date.now() + deployedWithinMs;
  let last = '';
  while (Date.now() < deadline) {
    const response = await fetch(endpoint, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        ...headers,
      },
    });
    last = await response.text();
    const json = last.startsWith('{') ? last : (/^data: ?(\{.*)$/m.exec(last)?.[1] ?? '{}');
    const name = (JSON.parse(json) as { result?: { tools?: { name: string }[] } }).result?.tools?.[0]?.name;
    if (name !== undefined) return name;
    await delay(100);
  }
  throw new ExpectedError(`No tool appeared at ${endpoint} within ${deployedWithinMs / 1000} s. The last answer was: ${last.slice(0, 500)}`);
}
