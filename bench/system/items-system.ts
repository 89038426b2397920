import { join } from 'node:path';
import type { WorkloadSpec } from '../load/job.ts';
import { itemPath, itemsDocument } from '../subjects/items.ts';
import type { Bench } from './bench.ts';
import { must, startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { firstTool, startGateway } from './gateway.ts';
import type { GatewayOptions } from './gateway.ts';
import { answers, freePort } from './processes.ts';

const subject = (name: string): string => join(import.meta.dirname, '../subjects', name);
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
  pids: number[];
  /** A call of the item tool, for the load generator. */
  workload(revision?: '2025-11-25' | '2026-07-28'): Extract<WorkloadSpec, { kind: 'tools-call' }>;
};
export type ItemsSystem = {
  controlPlane: ControlPlane;
  startGateway(options: Omit<GatewayOptions, 'environment'>): Promise<DeployedGateway>;
};

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
  return {
    controlPlane,
    async startGateway(options) {
      const { url, pid } = await startGateway(bench, controlPlane, { ...options, environment: 'bench' });
      const endpoint = `${url}/mcp`;
      const headers = { authorization: `Bearer ${secret}` };
      const tool = await firstTool(endpoint, headers);
      return { url, pids: [pid], workload: (revision = '2025-11-25') => ({ kind: 'tools-call', urls: [endpoint], tool, revision, headers }) };
    },
  };
}
