import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtProgram } from '@stoa/bench/system/control-plane.ts';
import { answers, freePort } from '@stoa/bench/system/processes.ts';
import { ask as askTool } from '@stoa/mcp/doors/mcp/testing/fixture.ts';
import { missingRedis } from '@stoa/mcp/decide/replicas/testing/redis-process.ts';
import { done } from './ask.ts';
import type { Lab } from './lab.ts';
import { callTool } from './tools.ts';
import { secondsUntil } from './until.ts';

export type Spent = {
  /** Calls that reached the upstream. */ readonly passed: number /** Neither passed nor refused by the limit. */;
  readonly failed: number;
  readonly slowestMs: number;
};

/** Two Gateways that count one limit together, which nobody has used yet. */
export type TwoGateways = {
  readonly urls: readonly [string, string];
  /** Makes so many calls, half of them at each Gateway, all at the same time. */
  spend(calls: number): Promise<Spent>;
  /** Waits until both say of themselves that they count with the other, or that Redis is away. */
  untilShared(isShared: boolean): Promise<unknown>;
  /** Whether a token lets in at one of them. */
  letsIn(gateway: 0 | 1, token: string): Promise<boolean>;
  /** Puts the wall clock of one of them off, in milliseconds. */
  setClock(gateway: 0 | 1, offMs: number): Promise<void>;
};

const atOnce = 8;
let made = 0;

/** `redisUrls` are where each finds Redis. */
export async function withTwoGateways<T>(
  lab: Lab,
  { redisUrls, limit, timeout = '500ms' }: { redisUrls: readonly [string, string]; limit: number; timeout?: string },
  use: (two: TwoGateways) => Promise<T>,
): Promise<T> {
  if (missingRedis !== undefined) throw new Error(missingRedis);
  const { system, ask, upstreamUrl } = await lab.tools();
  const { token } = system.up.mcp;
  made += 1;
  const name = `shared${made}`;
  const api = await done(
    ask<{ api_id: string }>('POST', '/v1/apis', { name, document: document(), upstream_url: upstreamUrl, open_to_all_consumers: true }),
  );
  const limited = { kind: 'rate_limit', config: { limit, window_s: 3600 } };
  const policy = await done(ask<{ policy_id: string }>('POST', '/v1/policies', { name, policy: limited, attached_to: [{ api_id: api.api_id }] }));
  const deployment = await done(ask<{ deployment_id: string }>('POST', '/v1/deployments', { api_id: api.api_id, targets: { modes: ['edge_mcp'] } }));
  try {
    return await lab.bench(async ({ directory, processes }) => {
      const stepper = join(directory, 'stepped-clock.mjs');
      await cp(join(import.meta.dirname, 'stepped-clock.mjs'), stepper);
      const clockOf = (gateway: number): string => join(directory, `clock${gateway}`);
      const start = async (gateway: 0 | 1): Promise<string> => {
        const url = `http://127.0.0.1:${await freePort()}`;
        await writeFile(clockOf(gateway), '0');
        await processes.start({
          name: `${name}-${gateway}`,
          ...builtProgram('stoa-gateway', ['--import', stepper]),
          cores: undefined,
          env: {
            CLOCK_FILE: clockOf(gateway),
            STOA_CONTROL_PLANE_URL: system.up.control_plane_url,
            STOA_GATEWAY_KEY: system.up.gateway_key,
            STOA_INSTANCE_NAME: `${name}-${gateway}`,
            STOA_LISTEN: new URL(url).host,
            STOA_STATE_DIR: join(directory, `state${gateway}`),
            STOA_REDIS_URL: redisUrls[gateway],
            STOA_REDIS_TIMEOUT: timeout,
          },
          isReady: () => answers(`${url}/readyz`),
        });
        return url;
      };
      const urls = await Promise.all([start(0), start(1)]);
      const tool = `${name}_good`;
      const lists = async (url: string): Promise<boolean> =>
        (await askTool(`${url}/mcp`, '2025-06-18', 'tools/list', {}, token)).text.includes(`"${tool}"`);
      const metric = async (url: string, metricName: string): Promise<number> =>
        Number(new RegExp(`^${metricName} (\\d+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
      await secondsUntil(async () => (await Promise.all(urls.map(lists))).every(Boolean), 60);
      await secondsUntil(async () => (await Promise.all(urls.map((url) => metric(url, 'stoa_limits_replicas')))).every((known) => known === 2), 60);
      const spend = async (calls: number): Promise<Spent> => {
        const spent = { passed: 0, failed: 0, slowestMs: 0 };
        const some = async (url: string): Promise<void> => {
          for (let left = calls / 2 / atOnce; left > 0; left -= 1) {
            const { isError, text, ms } = await callTool(`${url}/mcp`, tool, {}, token);
            if (!isError) spent.passed += 1;
            else if (!text.includes('limit')) spent.failed += 1;
            spent.slowestMs = Math.max(spent.slowestMs, ms);
          }
        };
        await Promise.all(urls.flatMap((url) => Array.from({ length: atOnce }, () => some(url))));
        return spent;
      };
      return use({
        urls,
        spend,
        untilShared: (isShared) =>
          secondsUntil(
            async () => (await Promise.all(urls.map((url) => metric(url, 'stoa_limits_shared')))).every((told) => told === Number(isShared)),
            30,
          ),
        letsIn: async (gateway, given) => (await askTool(`${urls[gateway]}/mcp`, '2025-06-18', 'tools/list', {}, given)).status === 200,
        setClock: (gateway, offMs) => writeFile(clockOf(gateway), String(offMs)),
      });
    });
  } finally {
    for (const path of [`deployments/${deployment.deployment_id}`, `policies/${policy.policy_id}`, `apis/${api.api_id}`])
      await ask('DELETE', `/v1/${path}`);
  }
}

function document(): Record<string, unknown> {
  const answer = { 200: { description: 'OK', content: { 'application/json': { schema: { type: 'object' } } } } };
  return { openapi: '3.1.0', info: { title: 'Shared', version: '1' }, paths: { '/good': { get: { operationId: 'good', responses: answer } } } };
}

export const figureOf = (passed: number, limit: number, { failed, slowestMs }: Pick<Spent, 'failed' | 'slowestMs'>): string =>
  `${passed} of ${limit} passed, ${failed} failed, the slowest took ${Math.round(slowestMs)} ms`;
