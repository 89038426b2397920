import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSigner } from '@stoa/control-plane-client/testing/fake-control-plane.ts';
import { configOf, keys, operations } from '@stoa/mcp/doors/mcp/testing/fixture.ts';
import { startControlPlane } from '@stoa/mcp/testing/least-control-plane.ts';
import { startProgram } from '@stoa/mcp/testing/program.ts';
import { expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from './testing/gateway-process.ts';

const main = join(import.meta.dirname, 'main.ts');
const callers = 4;

/** Asks as a gateway does, on connections that are kept; 0 where there was none to be had. */
function ask(agent: Agent, port: number, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, 'x-original-method': 'GET', 'x-original-uri': '/orders/7' };
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/authz', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    }).once('error', () => resolve(0));
  });
}

it('a Link that is stopped or killed under load and started again, without the Control Plane, denies no call and permits what it permitted', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'stoa-link-'));
  const port = await freePort();
  const agent = new Agent({ keepAlive: true });
  const signer = createSigner();
  const plane = await startControlPlane(signer.config(3, configOf([operations.getOrder], 'http://127.0.0.1:9').items), signer.key);
  const env = { STOA_CONTROL_PLANE_URL: plane.url, STOA_STATE_DIR: stateDir, STOA_LISTEN: `127.0.0.1:${port}` };
  let link = await startProgram(main, env);
  onTestFinished(async () => {
    await link.kill('SIGKILL');
    agent.destroy();
    await rm(stateDir, { recursive: true, force: true });
  });
  await plane.acknowledged;
  plane.server.closeAllConnections();
  plane.server.close();

  const seen = new Map<number, number>();
  let isOver = false;
  const load = Array.from({ length: callers }, async () => {
    while (!isOver) {
      const status = await ask(agent, port, keys.agent);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      // Nothing is gained by asking a port at which nobody listens as fast as it refuses.
      await delay(status === 0 ? 20 : 1);
    }
  });
  const permitsMore = async (): Promise<void> => {
    const wanted = (seen.get(200) ?? 0) + 50;
    await vi.waitFor(() => expect(seen.get(200) ?? 0).toBeGreaterThan(wanted), 60_000);
  };
  await permitsMore();
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await link.kill(signal);
    link = await startProgram(main, env);
    await permitsMore();
  }
  isOver = true;
  await Promise.all(load);
  expect(await ask(agent, port, 'stoa_ck_nobody')).toBe(401);
  // A gateway asks again where Link says 503, or nothing.
  expect([...seen.keys()].filter((status) => ![200, 0, 503].includes(status))).toEqual([]);
});
