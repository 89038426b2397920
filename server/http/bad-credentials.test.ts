import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Penalties } from '@stoa/lib/penalties.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
const waits: string[] = [];
beforeAll(async () => {
  vi.spyOn(Penalties.prototype, 'wait').mockImplementation((address) => Promise.resolve(void waits.push(address)));
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent', STOA_TRUSTED_PROXIES: '127.0.0.0/8' });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await plane.close();
});

const ask = async (headers: Record<string, string>) => (await fetch(`${plane.url}/v1/gateways`, { headers })).status;
const random = () => `Bearer stoa_op_${randomBytes(32).toString('base64url')}`;

describe('the refusal of a bad credential', () => {
  it('waits by the address that it came from, and nothing else does', async () => {
    expect(await ask({ authorization: random() })).toBe(401);
    expect(await ask({ authorization: 'Bearer nonsense' })).toBe(401);
    expect(await ask({ authorization: random(), 'x-forwarded-for': '192.0.2.7, 192.0.2.8' })).toBe(401);
    expect(await ask({ cookie: 'stoa_session=nonsense', forwarded: 'for="[2001:db8::1]"' })).toBe(401);
    const code = await fetch(`${plane.url}/v1/session`, {
      method: 'POST',
      body: JSON.stringify({ code: `stoa_si_${randomBytes(32).toString('base64url')}` }),
      headers: { 'content-type': 'application/json' },
    });
    expect(code.status).toBe(401);
    expect(waits).toEqual(['127.0.0.1', '127.0.0.1', '192.0.2.8', '2001:db8:0:0::/64', '127.0.0.1']);
    waits.length = 0;
    expect(await ask({})).toBe(401);
    expect(await ask({ authorization: `Bearer ${plane.adminToken}` })).toBe(200);
    expect(waits).toEqual([]);
  });

  it('is remembered, so that the database is not asked for the same again', async () => {
    const query = vi.spyOn(plane.context.db.pool, 'query');
    const authorization = random();
    const hmac = plane.context.keys.hmac(authorization.slice('Bearer '.length));
    for (let round = 0; round < 5; round += 1) expect(await ask({ authorization })).toBe(401);
    // Other statements may be under way, such as one about when the administrator came last.
    const looksItUp = ([sent]: unknown[]) => hmac.equals((sent as { values?: Buffer[] }).values?.[0] ?? Buffer.alloc(0));
    expect(query.mock.calls.filter(looksItUp)).toHaveLength(1);
    query.mockRestore();
  });
});
