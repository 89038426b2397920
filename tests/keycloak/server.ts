import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const version = '26.7.3';
const home = import.meta.dirname;
const cache = join(home, '.cache');
const realms = join(home, '../../examples/keycloak');
const administrator = { username: 'admin', password: 'only for this test' };
const startWithinMs = 600_000;

export type Keycloak = {
  /** The issuer of the realm. */
  issuer: string;
  /** Asks the administration of the realm. */
  admin<T>(method: string, path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
};
type User = { readonly username: string; readonly password: string; readonly groups: readonly string[] };

/** Keycloak as Maven has it, in `.cache/`, which git ignores. */
function distribution(): string {
  const folder = join(cache, `keycloak-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const artifact = `org.keycloak:keycloak-quarkus-dist:${version}:zip`;
  const unpack = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';
  const { status, stdout, error } = spawnSync('mvn', ['-q', '-B', unpack, `-Dartifact=${artifact}`, `-DoutputDirectory=${cache}`], {
    cwd: cache,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`These tests need Java 17 or newer and Maven, which fetches ${artifact}: install both. ${error?.message ?? stdout.slice(-500)}`);
  return folder;
}

export type KeycloakOptions = {
  readonly port: number;
  /** One of examples/keycloak, by its name. */
  readonly realm: 'stoa' | 'agents';
  /** What its file leaves to the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly users: readonly User[];
  /** What the realm has otherwise than in its file. */
  readonly settings?: Readonly<Record<string, unknown>>;
};

/** A Keycloak on `port`, with a realm of the guides and people in it. */
export async function startKeycloak({ port, realm, env: variables, users, settings = {} }: KeycloakOptions): Promise<Keycloak> {
  const kept = distribution();
  const folder = mkdtempSync(join(tmpdir(), 'stoa-keycloak-'));
  cpSync(kept, folder, { recursive: true });
  mkdirSync(join(folder, 'data/import'), { recursive: true });
  writeFileSync(join(folder, `data/import/${realm}-realm.json`), JSON.stringify({ ...withUsers(realm, users), ...settings }));
  const env = {
    ...process.env,
    KC_BOOTSTRAP_ADMIN_USERNAME: administrator.username,
    KC_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
    ...variables,
  };
  const child = spawn('bash', ['bin/kc.sh', 'start-dev', '--http-host', '127.0.0.1', '--http-port', String(port), '--import-realm'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)));
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const issuer = `${url}/realms/${realm}`;
  try {
    await answers(issuer, () => child.exitCode !== null);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${output}`, { cause: error });
  }
  return { issuer, stop, admin: administration(url, realm) };
}

function withUsers(realm: string, users: readonly User[]): object {
  return {
    ...(JSON.parse(readFileSync(join(realms, `${realm}-realm.json`), 'utf8')) as Record<string, unknown>),
    users: users.map(({ username, password, groups }) => ({
      username,
      enabled: true,
      email: `${username}@example.test`,
      emailVerified: true,
      firstName: username,
      lastName: 'Test',
      credentials: [{ type: 'password', value: password }],
      realmRoles: [`default-roles-${realm}`],
      groups,
    })),
  };
}

async function answers(issuer: string, hasEnded: () => boolean): Promise<void> {
  const giveUp = AbortSignal.timeout(startWithinMs);
  while (!giveUp.aborted && !hasEnded()) {
    const answer = await fetch(issuer).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(500);
  }
  throw new Error(hasEnded() ? 'Keycloak ended while it started.' : `Keycloak did not start within ${startWithinMs / 1000} s.`);
}

const administration =
  (url: string, realm: string): Keycloak['admin'] =>
  async (method, path, body) => {
    const login = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...administrator });
    const { access_token: token } = (await (
      await fetch(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: login })
    ).json()) as {
      access_token: string;
    };
    const response = await fetch(`${url}/admin/realms/${realm}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as never;
  };
