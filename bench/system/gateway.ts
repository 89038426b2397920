import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Bench } from './bench.ts';
import { builtProgram, must } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { today } from './past-build.ts';
import { answers, freePort } from './processes.ts';
import { withStallProbe } from './stall.ts';

export type GatewayOptions = {
  name: string;
  environment: string;
  /** The build whose program it is. */
  dist?: string;
  cores?: readonly number[] | undefined;
  env?: Record<string, string>;
  /** Without what watches its event loop: reading that costs a third of a second of a start. */
  unwatched?: boolean;
};
export type RunningGateway = { name: string; url: string; pid: number; stallSocket: string; stop(): Promise<void> };

const deployedWithinMs = 120_000;

/** Starts a bundled Gateway. One of a name that ran before finds its state again. */
export async function startGateway(
  bench: Bench,
  { url: controlPlaneUrl, gatewayKey }: ControlPlane,
  options: GatewayOptions,
): Promise<RunningGateway> {
  const { name, environment, dist = today, cores = bench.plan.cores?.subject, env = {}, unwatched = false } = options;
  const url = `http://127.0.0.1:${await freePort()}`;
  const probe = withStallProbe(bench.dir, name);
  const { pid, stop } = await bench.processes.start({
    name: `${name}-process`,
    ...builtProgram('stoa-gateway', [...bench.nodeArguments(name), ...(unwatched ? [] : probe.args)], dist),
    cores,
    env: {
      STOA_CONTROL_PLANE_URL: controlPlaneUrl,
      STOA_GATEWAY_KEY: gatewayKey,
      STOA_ENVIRONMENT: environment,
      STOA_INSTANCE_NAME: name,
      STOA_LISTEN: new URL(url).host,
      STOA_STATE_DIR: join(bench.dir, name),
      ...probe.env,
      ...env,
    },
    isReady: () => answers(`${url}/healthz`),
  });
  return { name, url, pid, stallSocket: probe.socket, stop };
}

/** An answer of an MCP endpoint, to the revisions before 2026-07-28. */
export async function askMcp<Result>(
  endpoint: string,
  headers: Record<string, string>,
  method: string,
  params: object = {},
): Promise<{ result?: Result; text: string; status: number }> {
  const response = await fetch(endpoint, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...headers,
    },
  }).catch((error: unknown) => {
    throw new ExpectedError(`${endpoint} gave no answer: ${String((error as Error).cause ?? error)}`);
  });
  const text = await response.text();
  const json = text.startsWith('{') ? text : (/^data: ?(\{.*)$/m.exec(text)?.[1] ?? '{}');
  return { ...(JSON.parse(json) as { result?: Result }), text, status: response.status };
}

/** The name of the first tool at an MCP endpoint, once there is one. */
export async function firstTool(endpoint: string, headers: Record<string, string>): Promise<string> {
  const deadline = Date.now() + deployedWithinMs;
  let last = '';
  while (Date.now() < deadline) {
    const { result, text } = await askMcp<{ tools?: { name: string }[] }>(endpoint, headers, 'tools/list');
    const name = result?.tools?.[0]?.name;
    if (name !== undefined) return name;
    last = text;
    await delay(100);
  }
  throw new ExpectedError(`No tool appeared at ${endpoint} within ${deployedWithinMs / 1000} s. The last answer was: ${last.slice(0, 500)}`);
}

/** Waits until what a consumer's key is answered is what is waited for: true once it is. */
export async function untilCall(
  { url }: Pick<RunningGateway, 'url'>,
  key: string,
  tool: string,
  args: object,
  { pauseMs = 20, withinMs = deployedWithinMs } = {},
): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const { result, text } = await askMcp<{ isError?: boolean }>(`${url}/mcp`, { authorization: `Bearer ${key}` }, 'tools/call', {
      name: tool,
      arguments: args,
    });
    if (result !== undefined && result.isError !== true) return;
    if (Date.now() > deadline)
      throw new ExpectedError(`A call of ${tool} at ${url} did not succeed within ${withinMs / 1000} s: ${text.slice(0, 500)}`);
    await delay(pauseMs);
  }
}

/** To be asked for before a change: resolves once these gateways have acknowledged a newer generation than now. They themselves are asked nothing, which would cost them something. */
export async function untilAcknowledged({ client }: ControlPlane, gateways: readonly RunningGateway[]): Promise<() => Promise<void>> {
  const read = async ({ name }: RunningGateway) => must(await client.listGateways({ params: { query: { instance_name: name } } })).items[0]?.config;
  const before = await Promise.all(gateways.map(read));
  const one = async (gateway: RunningGateway, at: number): Promise<void> => {
    const deadline = Date.now() + deployedWithinMs;
    for (;;) {
      const now = await read(gateway);
      if (now?.state === 'in_sync' && now.acked_generation > (before[at]?.desired_generation ?? 0)) return;
      if (Date.now() > deadline)
        throw new ExpectedError(`${gateway.name} did not acknowledge within ${deployedWithinMs / 1000} s: ${JSON.stringify(now)}`);
      await delay(100);
    }
  };
  return async () => void (await Promise.all(gateways.map(one)));
}
