import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Deployment } from '@stoa/generated/schemas.ts';
import { createTestDatabase } from '@stoa/server/testing/test-database.ts';

const dist = join(import.meta.dirname, '../../dist');
const runtimes = ['stoa-gateway', 'stoa-link', 'stoa-connect'];
const maxRuntimeBytes = 60 * 1024 * 1024;
// Above what the Control Plane compiles without a worker.
const largeText = 'A long description. '.repeat(10_000);

const cleanUp: (() => Promise<unknown>)[] = [];
let place = '';

/** Starts a bundle where nothing else of ours is, configured by a YAML file; answers where it listens. */
async function start(program: string, settings: Record<string, unknown>): Promise<string> {
  const file = join(place, `${program}.yaml`);
  await writeFile(file, JSON.stringify({ listen: '127.0.0.1:0', ...settings }));
  const child = spawn(process.execPath, [join(program, 'main.mjs'), '--config', file], {
    cwd: place,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  cleanUp.push(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    child.once('close', () => reject(new Error(`${program} ended:\n${printed.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      printed.push(line);
      const { url, msg } = line.startsWith('{') ? (JSON.parse(line) as { url?: string; msg?: string }) : {};
      if (url !== undefined && /ready|listens/.test(msg ?? '')) resolve(url);
    });
  });
}

async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(entries.map(async (entry) => (await stat(join(folder, entry))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('lesson 39: a program that is copied away from the repository', () => {
  let plane = '';
  let admin = '';
  const ask = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${plane}${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    });
    expect(response.status).toBeLessThan(300);
    return (await response.json()) as T;
  };

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'stoa-bundles-'));
    for (const program of ['stoa-control-plane', ...runtimes]) await cp(join(dist, program), join(place, program), { recursive: true });
    plane = await start('stoa-control-plane', {
      database_url: await createTestDatabase(),
      single_role: true,
      master_key: randomBytes(32).toString('base64'),
      data_dir: join(place, 'data'),
    });
    admin = (await readFile(join(place, 'data/admin-token'), 'utf8')).trim();
  });
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
    await rm(place, { recursive: true, force: true });
  });

  it('serves the Console and the reference, if it is the Control Plane', async () => {
    for (const path of ['/gateways/modes', '/docs', '/docs/assets/swagger-ui.css', '/docs/assets/swagger-ui-bundle.js']) {
      expect([path, (await fetch(plane + path)).status]).toEqual([path, 200]);
    }
  });

  it('serves an API with a Cedar policy, if it is a Gateway or a Link, and Connect answers beside them', async () => {
    const { secret } = await ask<{ secret: string }>('/v1/gateway-keys', { name: 'bundles' });
    const common = { control_plane_url: plane, gateway_key: secret };
    for (const program of runtimes) {
      const url = await start(program, { ...common, instance_name: program, state_dir: join(place, 'state', program) });
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    }
    const api = await ask<{ api_id: string }>('/v1/apis', {
      name: 'alone',
      document: {
        openapi: '3.1.0',
        info: { title: 'Alone', version: '1', description: largeText },
        servers: [{ url: 'http://127.0.0.1:9' }],
        paths: { '/': { get: { operationId: 'read', responses: { 200: { description: 'Read.' } } } } },
      },
    });
    const cedar = 'permit(principal, action, resource);';
    await ask('/v1/policies', { name: 'alone', policy: { kind: 'tool_access', config: { cedar } }, attached_to: [{ api_id: api.api_id }] });
    const targets = { modes: ['edge_mcp', 'sidecar'] };
    const { deployment_id } = await ask<Deployment>('/v1/deployments', { api_id: api.api_id, targets });
    await vi.waitFor(
      async () => {
        const { gateways = [] } = await ask<Deployment>(`/v1/deployments/${deployment_id}`);
        expect(gateways.map(({ instance_name, state }) => [instance_name, state]).sort()).toEqual([
          ['stoa-gateway', 'applied'],
          ['stoa-link', 'applied'],
        ]);
      },
      { timeout: 20_000, interval: 100 },
    );
  });
});

describe.each(runtimes)('the bundle of %s', (program) => {
  it('is small, and carries the licences of what it holds', async () => {
    expect(await bytesOf(join(dist, program))).toBeLessThan(maxRuntimeBytes);
    expect(await readFile(join(dist, program, 'THIRD-PARTY-LICENCES.txt'), 'utf8')).toMatch(/^pino [^\n]*MIT[\s\S]*Permission is hereby granted/m);
  });
});
