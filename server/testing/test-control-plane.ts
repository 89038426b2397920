import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { settings } from '../config.ts';
import type { ServerContext } from '../context.ts';
import { rotateSigningKey } from '../secrets/rotate-signing-key.ts';
import { startToTell } from '../telemetry.ts';
import { startControlPlane } from '../start.ts';
import { createTestDatabase } from './test-database.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { urlsOfTestDatabase } from './test-roles.ts';

type Options = { body?: unknown; token?: string | undefined; headers?: Record<string, string> };
export type Answer<Body = Record<string, never>> = { status: number; body: Body; headers: Headers };

export type TestControlPlane = {
  url: string;
  adminToken: string;
  context: ServerContext;
  /** The database behind it, as its owner. */
  store: Store;
  /** Sends JSON with the administrator's token unless told otherwise; `token: undefined` sends none. */
  request<Body = Record<string, unknown>>(method: string, path: string, options?: Options): Promise<Answer<Body>>;
  /** A new gateway key with every right, unless the body narrows it. */
  mintGatewayKey(body?: Record<string, unknown>): Promise<string>;
  /** As the command does it, beside the server. */
  rotateSigningKey(): Promise<string>;
  /** Another server on the same database, with the same master key: a replica, or the same one after a restart. */
  startAnother(env?: Record<string, string>): Promise<TestControlPlane>;
  close(): Promise<void>;
};

type StartOptions = {
  /** Where the log goes; to stderr when absent. */
  log?: Logger;
};
type Shared = { databaseUrl: string; masterKey: string; adminToken?: string };

/** A whole Control Plane in this process, on a database of its own. `env` adds settings, such as `STOA_HEARTBEAT_INTERVAL_S`. */
export async function startTestControlPlane(env: Record<string, string> = {}, options: StartOptions = {}): Promise<TestControlPlane> {
  const shared = { databaseUrl: env['DATABASE_URL'] ?? (await createTestDatabase()), masterKey: randomBytes(32).toString('base64') };
  return start(shared, env, options);
}

/** By three roles, unless the test names a database of its own. */
function databaseSettings(databaseUrl: string, given: Record<string, string>): Record<string, string> {
  if (given['DATABASE_URL'] !== undefined) return { STOA_SINGLE_ROLE: 'true' };
  const { owner, service, unscoped } = urlsOfTestDatabase(databaseUrl);
  return { DATABASE_URL: service, STOA_DATABASE_UNSCOPED_URL: unscoped, STOA_DATABASE_OWNER_URL: owner };
}

async function start(shared: Shared, env: Record<string, string>, options: StartOptions): Promise<TestControlPlane> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stoa-control-plane-'));
  const config = settings.load({
    argv: [],
    env: {
      ...databaseSettings(shared.databaseUrl, env),
      STOA_MASTER_KEY: shared.masterKey,
      STOA_LISTEN: '127.0.0.1:0',
      STOA_DATA_DIR: dataDir,
      STOA_LOG_LEVEL: 'error',
      // Tests say who they are, see `newAddress`.
      STOA_TRUSTED_PROXIES: '127.0.0.1',
      ...env,
    },
  });
  const { log, ...voice } = await startToTell(config, options.log ?? createLogger({ program: 'test', level: config.logLevel }));
  const running = await startControlPlane(config, log, voice);
  const adminToken = shared.adminToken ?? (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  const store = openStore(shared.databaseUrl);
  const request = async <Body>(method: string, path: string, options: Options = {}): Promise<Answer<Body>> => {
    const token = 'token' in options ? options.token : adminToken;
    const send = (): Promise<Response> =>
      fetch(`${running.url}${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
    // A connection that rested while a test was busy with something else may be closed by the server at the same moment.
    const response = await send().catch((error: unknown) => (method === 'GET' ? send() : Promise.reject(error as Error)));
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  };
  return {
    url: running.url,
    adminToken,
    context: running.context,
    store,
    request,
    async mintGatewayKey(body = {}) {
      const { body: minted } = await request<{ secret: string }>('POST', '/v1/gateway-keys', { body: { name: 'test', ...body } });
      return minted.secret;
    },
    rotateSigningKey: () =>
      rotateSigningKey(running.context.db.pool, {
        masterKeys: () => Promise.resolve([Buffer.from(shared.masterKey, 'base64')]),
        kmsCommand: undefined,
      }),
    startAnother: (other = {}) => start({ ...shared, adminToken }, { ...env, ...other }, options),
    async close() {
      await running.stop();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
