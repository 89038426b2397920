import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createLogger } from '@stoa/lib/log.ts';
import { settings } from './config.ts';
import { startLink } from './start.ts';

const env = { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_GATEWAY_KEY: 'stoa_gk_test', STOA_LISTEN: '127.0.0.1:0' };

it('lesson 32: an address of a gateway whose kind nobody named stops the start', () => {
  expect(() => settings.load({ argv: [], env: { ...env, STOA_TARGET_GATEWAY_URL: 'http://kong:8001' } })).toThrow('STOA_TARGET_GATEWAY_TYPE');
});

it('lesson 31: Link serves MCP and decides on requests, on one address', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'stoa-link-'));
  const loaded = settings.load({ argv: [], env: { ...env, STOA_STATE_DIR: stateDir, STOA_TARGET_GATEWAY_TYPE: 'kong' } });
  const link = await startLink(loaded, createLogger({ program: 'test', level: 'silent' }));
  const original = { 'x-original-method': 'GET', 'x-original-uri': '/orders/1' };
  const statuses = [await fetch(`${link.url}/authz`, { headers: original }), await fetch(`${link.url}/mcp`, { method: 'POST' })].map(
    ({ status }) => status,
  );
  // Both doors are there; neither can decide before the first configuration.
  expect(statuses).toEqual([503, 503]);
  await link.stop();
  await rm(stateDir, { recursive: true });
});
