import { randomUUID } from 'node:crypto';
import type { GatewayMode } from '@stoa/generated/schemas.ts';
import supertest from 'supertest';
import { mintCredential } from '@stoa/server/access/credentials.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { controlPlaneContract } from '../document/contract.ts';
import { parseBody, responseFaults } from '../document/faults.ts';

export type Answer<Body = Record<string, unknown>> = { status: number; headers: Record<string, string | undefined>; text: string; body: Body };
export type CallOptions = {
  path?: Record<string, string>;
  query?: Record<string, string | number>;
  body?: unknown;
  /** The bearer; the unrestricted gateway key or the administrator's token when absent, none when null. */
  token?: string | null;
  headers?: Record<string, string>;
};
export type KeyScope = { environments?: string[]; modes?: GatewayMode[]; instance_name?: string };

/** A Control Plane as the suite sees it: operations by name, each answer held against the document. */
export type ControlPlane = {
  readonly url: string;
  readonly tenantId: string;
  readonly adminToken: string;
  /** Good for any environment, mode and name. */
  readonly gatewayKey: string;
  /** Calls an operation. Throws when the answer is not what the document says. */
  call<Body = Record<string, unknown>>(operationId: string, options?: CallOptions): Promise<Answer<Body>>;
  mintKey(scope?: KeyScope): Promise<{ id: string; secret: string }>;
  /** The same server as a new tenant sees it. It is closed with this one. */
  anotherTenant(): Promise<ControlPlane>;
  /** Reads what the database holds, or changes it: no test waits for hours to pass. */
  query<Row>(sql: string, values: unknown[]): Promise<Row[]>;
  /** Makes the next key that configuration is signed with. */
  rotateSigningKey(): Promise<string>;
  close(): Promise<void>;
};

/** Good for the metrics of the Control Plane. */
export const metricsToken = 'a-token-for-the-metrics';

/** Starts the real Control Plane in this process, on a database of its own, and speaks to it over HTTP. */
export async function startControlPlaneSubject(env: Record<string, string> = {}): Promise<ControlPlane> {
  const running = await startTestControlPlane({ STOA_METRICS_TOKEN: metricsToken, ...env });
  const { id } = await running.store.prisma.tenant.findUniqueOrThrow({ where: { name: 'default' } });
  return asTenant(running, id, running.adminToken);
}

/** The server as a tenant sees it by an owner's token. */
async function asTenant(running: TestControlPlane, tenantId: string, adminToken: string): Promise<ControlPlane> {
  const { url, context } = running;
  const call = async <Body>(operationId: string, options: CallOptions = {}): Promise<Answer<Body>> => {
    const entry = controlPlaneContract.entry(operationId);
    const isProtocol = entry.operation.security.some((scheme) => 'gatewayKey' in scheme);
    const token = options.token === undefined ? (isProtocol ? gatewayKey : adminToken) : options.token;
    const path = entry.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(options.path?.[name] ?? ''));
    const request = supertest(url)
      [entry.method as 'get' | 'post' | 'put' | 'delete'](path)
      .query(options.query ?? {})
      .set(options.headers ?? {});
    if (token !== null) request.set('authorization', `Bearer ${token}`);
    if (options.body !== undefined) request.send(options.body as object);
    const response = await request;
    const { status, text = '' } = response;
    const headers = Object.fromEntries(
      Object.entries(response.headers as Record<string, string | string[]>).map(([name, value]) => [name, String(value)]),
    );
    const faults = responseFaults(controlPlaneContract, entry, { status, headers, text });
    if (faults.length > 0) throw new Error(`${faults.join('\n')}\nanswered: ${text.slice(0, 1000)}`);
    return { status, headers, text, body: (text === '' ? undefined : parseBody(headers['content-type'] ?? '', text)) as Body };
  };
  const mintKey = async (scope: KeyScope = {}) => {
    const { body } = await call<{ key: { key_id: string }; secret: string }>('createGatewayKey', {
      body: { name: 'contract test', ...scope },
      token: adminToken,
    });
    return { id: body.key.key_id, secret: body.secret };
  };
  const gatewayKey = (await mintKey()).secret;
  return {
    url,
    tenantId,
    adminToken,
    gatewayKey,
    call,
    mintKey,
    async anotherTenant() {
      const { secret, hint } = mintCredential('operatorToken');
      const { id } = await running.store.prisma.tenant.create({ data: { name: `other-${randomUUID()}` } });
      const hmac = new Uint8Array(context.keys.hmac(secret));
      await running.store.prisma.operator_token.create({ data: { tenant_id: id, name: 'other owner', roles: ['owner'], hint, hmac } });
      return asTenant(running, id, secret);
    },
    async query<Row>(sql: string, values: unknown[]) {
      return (await running.store.pool.query(sql, values)).rows as Row[];
    },
    rotateSigningKey: () => running.rotateSigningKey(),
    close: () => running.close(),
  };
}
