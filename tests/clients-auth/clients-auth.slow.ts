import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settings } from '@stoa/gateway/config.ts';
import { startGateway } from '@stoa/gateway/start.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { freePort } from '@stoa/link/testing/gateway-process.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { documentOf, makerIn } from '@stoa/server/testing/catalog.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clients, missingOf } from './clients.ts';
import type { Client } from './clients.ts';
import { issuers, tokenS } from './issuers.ts';
import type { Issuer } from './issuers.ts';
import { runClient } from './run-client.ts';

const table = join(import.meta.dirname, '../../dist/clients-auth.json');
/** What came of it, by issuer and client. */
const rows: { issuer: string; client: string; outcome: string; why?: string }[] = [];
const commands = new Map<Client, string[]>();
const stateDir = mkdtempSync(join(tmpdir(), 'stoa-clients-auth-'));
const upstream = createServer((_request, response) => response.setHeader('content-type', 'application/json').end('{"answer":42}'));
let plane: TestControlPlane;
let gateway: Runtime;

beforeAll(async () => {
  for (const client of clients) if (missingOf(client.toolchain).length === 0) commands.set(client, client.prepare());
  plane = await startTestControlPlane();
  const make = makerIn(plane);
  const upstream_url = await listen(upstream, { host: '127.0.0.1', port: 0 });
  const api = await make.api({ name: 'things', document: documentOf('getThing'), upstream_url, open_to_all_consumers: true });
  await make.deployment(api, { environments: ['production'] });
  await make.post('/v1/consumers', { name: 'agents' });
  const env = {
    STOA_CONTROL_PLANE_URL: plane.url,
    STOA_GATEWAY_KEY: await plane.mintGatewayKey(),
    STOA_LISTEN: '127.0.0.1:0',
    STOA_ENVIRONMENT: 'production',
    STOA_STATE_DIR: stateDir,
  };
  gateway = await startGateway(settings.load({ argv: [], env }), createLogger({ program: 'test', level: 'silent' }));
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([plane.close(), closeGracefully(upstream, 0)]);
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(join(table, '..'), { recursive: true });
  writeFileSync(table, `${JSON.stringify(rows, null, 2)}\n`);
});

/** Trusts one issuer and no other, to the second, and waits until the gateway says so. */
async function trust(issuer: string): Promise<void> {
  const { body } = await plane.request<{ items: { trusted_issuer_id: string }[] }>('GET', '/v1/trusted-issuers');
  for (const { trusted_issuer_id: id } of body.items) await plane.request('DELETE', `/v1/trusted-issuers/${id}`);
  const rules = { issuer, consumers: [{ claim: 'iss', value: issuer, consumer: 'agents' }], scopes: ['mcp:tools'], clock_skew_s: 0 };
  expect((await plane.request('POST', '/v1/trusted-issuers', { body: { name: 'agents', rules } })).status).toBe(201);
  const told = async () =>
    ((await (await fetch(`${gateway.url}/.well-known/oauth-protected-resource/mcp`)).json()) as { authorization_servers?: string[] })
      .authorization_servers;
  await vi.waitFor(async () => expect(await told()).toEqual([issuer]), { timeout: 90_000, interval: 100 });
}

describe.each(issuers)('at $name', ({ name, toolchain, start }) => {
  const missingForIssuer = missingOf(toolchain);
  let issuer: Issuer | undefined;
  /** Each client is let in after the one before it. */
  let before: Promise<unknown> = Promise.resolve();
  const letIn = (address: string): Promise<string> => {
    const mine = before.then(() => issuer?.letIn(address) ?? '');
    before = mine.catch(() => undefined);
    return mine;
  };
  beforeAll(async () => {
    if (missingForIssuer.length > 0) return;
    issuer = await start({ plane, resource: `${gateway.url}/mcp`, port: await freePort() });
    await trust(issuer.issuer);
  });
  afterAll(() => issuer?.stop());

  it.concurrent.each(clients)('$name signs in once, calls, and calls on in parallel when its first token has ended', async (client) => {
    const row = { issuer: name, client: client.name };
    const missing = [...missingForIssuer, ...missingOf(client.toolchain)];
    if (missing.length > 0) {
      const why = `There is no ${missing.join(' and no ')} on the PATH.`;
      rows.push({ ...row, outcome: 'skipped', why });
      // Whoever tries everything is told of what he does not try.
      if (process.env['CI'] === 'true') throw new Error(`${why} Install it.`);
      return console.warn(`Skipped: ${client.name} at ${name}. ${why}`);
    }
    try {
      await runClient({ command: commands.get(client) ?? [], url: `${gateway.url}/mcp`, letIn, tokenMs: tokenS * 1000 });
      rows.push({ ...row, outcome: 'in' });
    } catch (error) {
      rows.push({ ...row, outcome: 'failed', why: (error as Error).message });
      throw error;
    }
  });
});
