import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { get as getOverTls } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '@stoa/lib/log.ts';
import { settings } from './config.ts';
import { checkDataDirectory } from './data-directory.ts';
import { startControlPlane } from './start.ts';
import { createTestDatabase } from './testing/test-database.ts';
import { asGateway } from './testing/gateways.ts';
import { startTestControlPlane } from './testing/test-control-plane.ts';

let dataDir: string;
const masterKey = randomBytes(32).toString('base64');
const log = createLogger({ program: 'test', level: 'silent' });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stoa-start-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const start = async (env: Record<string, string>) =>
  startControlPlane(
    settings.load({
      argv: [],
      env: { STOA_LISTEN: '127.0.0.1:0', STOA_DATA_DIR: dataDir, ...('DATABASE_URL' in env && { STOA_SINGLE_ROLE: 'true' }), ...env },
    }),
    log,
  );

describe('a start', () => {
  it('without a master key is refused in one sentence where the database is given', async () => {
    await expect(start({ DATABASE_URL: await createTestDatabase() })).rejects.toThrow(
      /^With DATABASE_URL, STOA_MASTER_KEY \(or STOA_MASTER_KEY_FILE\) or STOA_KMS_COMMAND is required: make a key with `openssl rand -base64 32`\.$/,
    );
  });

  it('with something else than 32 bytes for a master key is refused, without saying the key', async () => {
    const bad = randomBytes(16).toString('base64');
    const refused = start({ DATABASE_URL: await createTestDatabase(), STOA_MASTER_KEY: bad });
    await expect(refused).rejects.toThrow('STOA_MASTER_KEY must be the base64 of 32 bytes');
    await expect(refused).rejects.not.toThrow(bad);
  });

  it('on a database of the operator makes the directory for the first token', async () => {
    const env = { DATABASE_URL: await createTestDatabase(), STOA_MASTER_KEY: masterKey, STOA_DATA_DIR: join(dataDir, 'not', 'yet') };
    await (await start(env)).stop();
    expect((await stat(join(env.STOA_DATA_DIR, 'admin-token'))).mode & 0o777).toBe(0o600);
  });

  it('with a certificate listens for TLS, and says so in its address', async () => {
    const tls = (name: string) => join(import.meta.dirname, '../lib/testing/tls', name);
    const env = { DATABASE_URL: await createTestDatabase(), STOA_MASTER_KEY: masterKey };
    const running = await start({ ...env, STOA_TLS_CERT_FILE: tls('server.pem'), STOA_TLS_KEY_FILE: tls('server.key') });
    try {
      const asked = getOverTls(`${running.url}/readyz`, { ca: await readFile(tls('ca.pem')) });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.resume();
      expect(running.url).toMatch(/^https:/);
      expect(response.statusCode).toBe(200);
    } finally {
      await running.stop();
    }
  });

  it('with a data directory that does not answer ends in time, before anything is begun', async () => {
    const stuck = join(dataDir, 'stuck');
    await mkdir(stuck);
    execFileSync('mkfifo', [join(stuck, 'master-key')]);
    const late = checkDataDirectory({ dataDir: stuck, log, holdsDatabase: true, timeoutMs: 50 });
    await expect(late).rejects.toThrow(/^The data directory \S+stuck does not answer within 0\.05 s: repair its disk/);
    // Lets go of the thread that waits.
    await writeFile(join(stuck, 'master-key'), '');
  });

  it('with a data directory that cannot be written is refused where the database is in it, and elsewhere says so', async () => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, '');
    const below = join(file, 'below');
    await expect(start({ STOA_DATA_DIR: below })).rejects.toThrow(/^The data directory \S+below cannot be used \(ENOTDIR\): correct STOA_DATA_DIR/);
    const env = { DATABASE_URL: await createTestDatabase(), STOA_MASTER_KEY: masterKey };
    await expect(start({ ...env, STOA_DATA_DIR: below })).rejects.toThrow(
      /^The administrator's token cannot be kept in \S+ \(ENOTDIR\): correct STOA_DATA_DIR/,
    );
    await (await start(env)).stop();
    const said: string[] = [];
    const loud = createLogger({ program: 'test', level: 'warn', destination: { write: (line: string) => void said.push(line) } });
    const settled = settings.load({ argv: [], env: { ...env, STOA_SINGLE_ROLE: 'true', STOA_LISTEN: '127.0.0.1:0', STOA_DATA_DIR: below } });
    await (await startControlPlane(settled, loud)).stop();
    expect(said.join('')).toContain('cannot be written');
  });

  it('under another master key than the database was made with is refused', async () => {
    const databaseUrl = await createTestDatabase();
    await (await start({ DATABASE_URL: databaseUrl, STOA_MASTER_KEY: masterKey })).stop();
    await expect(start({ DATABASE_URL: databaseUrl, STOA_MASTER_KEY: randomBytes(32).toString('base64') })).rejects.toThrow(
      /^This database was made under another master key/,
    );
    await (await start({ DATABASE_URL: databaseUrl, STOA_MASTER_KEY: masterKey })).stop();
  });

  it('mints one administrator, in a file that only the owner reads, however many replicas start at once; and none again', async () => {
    const databaseUrl = await createTestDatabase();
    const env = { DATABASE_URL: databaseUrl, STOA_MASTER_KEY: masterKey };
    const replicas = await Promise.all([start(env), start(env), start(env)]);
    const minted = replicas.flatMap(({ mintedAdministrator }) => mintedAdministrator ?? []);
    expect(minted).toHaveLength(1);
    const file = join(dataDir, 'admin-token');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(minted[0]?.secret);
    await Promise.all(replicas.map(({ stop }) => stop()));
    const again = await start(env);
    expect(again.mintedAdministrator).toBeUndefined();
    // Whoever can restart the server can get back in when the last administrator was revoked.
    await again.context.db.pool.query('UPDATE operator_token SET revoked_at = now()');
    await again.stop();
    const recovered = await start(env);
    expect(recovered.mintedAdministrator).toBeDefined();
    await recovered.stop();
  });
});

describe('a Control Plane with a PostgreSQL of its own', () => {
  it('is ready again by itself within a minute after that alone was killed, and leaves none behind when it stops', async () => {
    const own = join(dataDir, 'embedded');
    const plane = await start({ STOA_DATA_DIR: own });
    const readiness = async () => (await fetch(`${plane.url}/readyz`)).status;
    const server = async () => Number((await readFile(join(own, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    expect(await readiness()).toBe(200);
    const killed = await server();
    process.kill(killed, 'SIGKILL');
    await expect.poll(async () => (await server().catch(() => killed)) !== killed && (await readiness()), { timeout: 60_000 }).toBe(200);
    const last = await server();
    await plane.stop();
    expect(() => process.kill(last, 0)).toThrow('ESRCH');
  });
});

describe('a stop', () => {
  it('waits for nobody who only waits for news, and happens once', async () => {
    const plane = await startTestControlPlane();
    const gateway = asGateway(plane, await plane.mintGatewayKey());
    const {
      body: { gateway_id },
    } = await gateway.register('waits');
    const { headers } = await gateway.config(gateway_id);
    const polls = Array.from({ length: 5 }, () => gateway.config(gateway_id, { etag: headers.get('etag'), query: '?wait_s=55' }));
    await expect.poll(() => plane.context.desired.waiting, { timeout: 10_000 }).toBe(5);
    // The grace for requests in flight is ten seconds; the test would not see the answers if the connections were cut.
    await Promise.all([plane.close(), plane.close()]);
    expect((await Promise.all(polls)).map(({ status }) => status)).toEqual(Array(5).fill(304));
  });

  it('is not held up by those who ask again on the connection that they have', async () => {
    const plane = await startTestControlPlane();
    const key = await plane.mintGatewayKey();
    const gateway = asGateway(plane, key);
    const { gateway_id } = (await gateway.register('persistent')).body;
    const etag = (await gateway.config(gateway_id)).headers.get('etag') ?? '';
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const poll = () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const headers = { authorization: `Bearer ${key}`, 'if-none-match': etag };
        get(`${plane.url}/v1/internal/gateways/${gateway_id}/config?wait_s=55`, { agent, headers }, (answer) => {
          answer.resume().once('end', () => resolve(answer));
        }).once('error', reject);
      });
    const asking = (async () => {
      const answers: (string | undefined)[] = [];
      for (;;) {
        const answer = await poll().catch(() => undefined);
        if (answer?.statusCode !== 304) return answers;
        answers.push(answer.headers.connection);
      }
    })();
    await expect.poll(() => plane.context.desired.waiting, { timeout: 10_000 }).toBe(1);
    await plane.close();
    // One answer, which says that the connection ends with it: a client that is answered again and again is held on to until the grace for
    // requests in flight is over, and one that is cut off then has no answer.
    expect(await asking).toEqual(['close']);
    agent.destroy();
  });
});

describe('the log', () => {
  it('holds no credential, whatever is asked and whatever fails', async () => {
    let written = '';
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    });
    const plane = await startTestControlPlane({}, { log: createLogger({ program: 'test', level: 'trace', destination }) });
    const key = await plane.mintGatewayKey();
    const gateway = asGateway(plane, key);
    const {
      body: { gateway_id },
    } = await gateway.register('logged');
    const {
      body: { url },
    } = await plane.request<{ url: string }>('POST', '/v1/sign-in-links');
    const code = new URL(url).hash.slice('#code='.length);
    const signedIn = await plane.request('POST', '/v1/session', { token: undefined, body: { code } });
    const session = /stoa_se_[\w-]+/.exec(signedIn.headers.getSetCookie()[0] ?? '')?.[0] ?? 'no session';
    // Failures that are logged: an answer that breaks the contract, by each kind of credential, and statements that fail.
    await plane.store.pool.query(`UPDATE gateway SET gateway_mode = 'broken' WHERE id = $1`, [gateway_id]);
    expect((await plane.request('GET', '/v1/gateways')).status).toBe(500);
    expect((await plane.request('GET', '/v1/gateways', { token: undefined, headers: { cookie: `stoa_session=${session}` } })).status).toBe(500);
    await plane.store.pool.query('ALTER TABLE gateway_lease RENAME TO lease; ALTER TABLE operator_token RENAME COLUMN hint TO trace');
    expect((await gateway.heartbeat(gateway_id)).status).toBe(500);
    expect((await plane.request('POST', '/v1/operator-tokens', { body: { name: 'x', role: 'viewer' } })).status).toBe(500);
    await plane.close();
    expect(written).toContain('A request failed.');
    for (const secret of [plane.adminToken, key, code, session]) expect(written.includes(secret.slice(12))).toBe(false);
  });
});
