import { randomUUID } from 'node:crypto';
import { mintCredential } from '@stoa/server/access/credentials.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { callOver, metricsToken } from './over-http.ts';
import type { Answer, CallOptions, ControlPlane, KeyScope } from './over-http.ts';

export type { Answer, CallOptions, ControlPlane, KeyScope } from './over-http.ts';

/** Starts the real Control Plane in this process, on a database of its own, and speaks to it over HTTP. */
export async function startControlPlaneSubject(env: Record<string, string> = {}): Promise<ControlPlane> {
  const running = await startTestControlPlane({ STOA_METRICS_TOKEN: metricsToken, ...env });
  const { id } = await running.store.prisma.tenant.findUniqueOrThrow({ where: { name: 'default' } });
  return asTenant(running, id, running.adminToken);
}

/** The server as a tenant sees it by an owner's token. */
async function asTenant(running: TestControlPlane, tenantId: string, adminToken: string): Promise<ControlPlane> {
  const { url, context } = running;
  let gatewayKey = '';
  const call = <Body>(operationId: string, options: CallOptions = {}): Promise<Answer<Body>> =>
    callOver<Body>({ url, gatewayKey, adminToken }, operationId, options);
  const mintKey = async (scope: KeyScope = {}) => {
    const { body } = await call<{ key: { key_id: string }; secret: string }>('createGatewayKey', {
      body: { name: 'contract test', ...scope },
      token: adminToken,
    });
    return { id: body.key.key_id, secret: body.secret };
  };
  const query = async <Row>(sql: string, values: unknown[]) => (await running.store.pool.query(sql, values)).rows as Row[];
  gatewayKey = (await mintKey()).secret;
  return {
    url,
    tenantId,
    adminToken,
    gatewayKey,
    hasOperator: true,
    call,
    mintKey,
    async mintExpiredKey() {
      const { id, secret } = await mintKey();
      await query(`UPDATE gateway_key SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
      return secret;
    },
    async anotherTenant() {
      const { secret, hint } = mintCredential('operatorToken');
      const { id } = await running.store.prisma.tenant.create({ data: { name: `other-${randomUUID()}` } });
      const hmac = new Uint8Array(context.keys.hmac(secret));
      await running.store.prisma.operator_token.create({ data: { tenant_id: id, name: 'other owner', roles: ['owner'], hint, hmac } });
      return asTenant(running, id, secret);
    },
    // The database's clock judges: what it shows is moved, not the clock.
    silentFor: async (gatewayId, seconds, leaseS) =>
      void (await query(`UPDATE gateway_lease SET lease_until = now() + make_interval(secs => $2) WHERE gateway_id = $1`, [
        gatewayId,
        leaseS - seconds,
      ])),
    query,
    rotateSigningKey: () => running.rotateSigningKey(),
    close: () => running.close(),
  };
}
