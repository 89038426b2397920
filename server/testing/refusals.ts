import { expect } from 'vitest';
import { newAddress } from './new-address.ts';
import type { TestControlPlane } from './test-control-plane.ts';

type Call = { method: string; path: string; body?: unknown };

/** An operator token that may only read. */
export async function mintViewer(plane: TestControlPlane): Promise<string> {
  const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'viewer', role: 'viewer' } });
  return body.secret;
}

/** Every call is 401 without a token or with a foreign one and 403 for gateways; calls that write are 403 for viewers too. */
export async function expectGuarded(plane: TestControlPlane, calls: readonly Call[]): Promise<void> {
  const [viewer, gateway] = await Promise.all([mintViewer(plane), plane.mintGatewayKey()]);
  for (const { method, path, body } of calls) {
    const statusFor = async (token: string | undefined) =>
      (await plane.request(method, path, { token, headers: { 'x-forwarded-for': newAddress() }, ...(body === undefined ? {} : { body }) })).status;
    const found = {
      path: `${method} ${path}`,
      none: await statusFor(undefined),
      unknown: await statusFor('stoa_op_unknown'),
      gateway: await statusFor(gateway),
      viewer: method === 'GET' ? 403 : await statusFor(viewer),
    };
    expect(found).toEqual({
      path: `${method} ${path}`,
      none: 401,
      unknown: 401,
      gateway: expect.toSatisfy((status: number) => status === 401 || status === 403),
      viewer: 403,
    });
  }
}

/** The revision of the only tenant: it rises with every change that gateways may have to follow. */
export async function revisionOf(plane: TestControlPlane): Promise<bigint> {
  return (await plane.store.prisma.tenant.findFirstOrThrow({ orderBy: { created_at: 'asc' } })).revision;
}

/** A tenant beside the one that every token of the test belongs to. */
export async function foreignTenant(plane: TestControlPlane): Promise<string> {
  return (await plane.store.prisma.tenant.create({ data: { name: `other-${Math.random()}` } })).id;
}

/** Makes a gateway one of a tenant beside. At once: whoever follows the catalog gives it a state of its tenant again as soon as it has none. */
export async function giveAway(plane: TestControlPlane, gatewayId: string): Promise<void> {
  const client = await plane.store.pool.connect();
  try {
    const tenant = await foreignTenant(plane);
    await client.query('BEGIN');
    await client.query('UPDATE gateway_config SET state_id = NULL WHERE gateway_id = $1', [gatewayId]);
    await client.query('UPDATE gateway SET tenant_id = $2 WHERE id = $1', [gatewayId, tenant]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
