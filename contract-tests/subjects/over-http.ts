import type { GatewayMode } from '@stoa/generated/schemas.ts';
import supertest from 'supertest';
import { controlPlaneContract } from '../document/contract.ts';
import { parseBody, responseFaults } from '../document/faults.ts';

/** Good for the metrics of a Control Plane that a test starts. */
export const metricsToken = 'a-token-for-the-metrics';

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

/** A Control Plane as the suite sees it: operations by name, each answer held against the document. What it cannot do throws `Unavailable`. */
export type ControlPlane = {
  readonly url: string;
  readonly tenantId: string;
  readonly adminToken: string;
  /** Good for any environment, mode and name. */
  readonly gatewayKey: string;
  /** Whether what an operator sees and does may be asked for. */
  readonly hasOperator: boolean;
  /** Calls an operation. Throws when the answer is not what the document says. */
  call<Body = Record<string, unknown>>(operationId: string, options?: CallOptions): Promise<Answer<Body>>;
  mintKey(scope?: KeyScope): Promise<{ id: string; secret: string }>;
  /** A key that was good once. */
  mintExpiredKey(): Promise<string>;
  /** The same server as a new tenant sees it. It is closed with this one. */
  anotherTenant(): Promise<ControlPlane>;
  /** Has the last heartbeat of an instance lie this far back. */
  silentFor(gatewayId: string, seconds: number, leaseS: number): Promise<void>;
  /** Reads what the database holds, or changes it: no test waits for hours to pass. */
  query<Row>(sql: string, values: unknown[]): Promise<Row[]>;
  /** Makes the next key that configuration is signed with. */
  rotateSigningKey(): Promise<string>;
  close(): Promise<void>;
};

export type Bearers = { readonly url: string; readonly gatewayKey: string; readonly adminToken: string };
/** One call of the suite, as it went over the wire. */
export type Exchange = { method: string; url: string; headers: Record<string, string>; body: unknown; answer: Omit<Answer, 'body'> };

/** Asks an operation by HTTP. Throws when the answer is not what the document says. `told` hears of every exchange, good or bad. */
export async function callOver<Body>(
  { url, gatewayKey, adminToken }: Bearers,
  operationId: string,
  options: CallOptions = {},
  told: (exchange: Exchange) => void = () => undefined,
): Promise<Answer<Body>> {
  const entry = controlPlaneContract.entry(operationId);
  const isProtocol = entry.operation.security.some((scheme) => 'gatewayKey' in scheme);
  const token = options.token === undefined ? (isProtocol ? gatewayKey : adminToken) : options.token;
  const path = entry.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(options.path?.[name] ?? ''));
  const request = supertest(url.replace(/\/+$/, ''))
    [entry.method as 'get' | 'post' | 'put' | 'delete'](path)
    .query(options.query ?? {})
    .set(options.headers ?? {})
    .timeout(60_000);
  if (token !== null) request.set('authorization', `Bearer ${token}`);
  if (options.body !== undefined) request.send(options.body as object);
  const response = await request;
  const { status, text = '' } = response;
  const headers = Object.fromEntries(
    Object.entries(response.headers as Record<string, string | string[]>).map(([name, value]) => [name, String(value)]),
  );
  const answer = { status, headers, text };
  const bearer = token === null ? {} : { authorization: `Bearer ${token}` };
  told({ method: entry.method.toUpperCase(), url: request.url, headers: { ...options.headers, ...bearer }, body: options.body, answer });
  const faults = responseFaults(controlPlaneContract, entry, answer);
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\nanswered: ${answer.text.slice(0, 1000)}`);
  return { ...answer, body: (answer.text === '' ? undefined : parseBody(answer.headers['content-type'] ?? '', answer.text)) as Body };
}
