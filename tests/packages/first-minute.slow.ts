import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bounded, roundsOf, writeResult } from '@stoa/bench/report/result.ts';
import { describeMachine } from '@stoa/bench/system/machine.ts';
import { operatorsConfig } from '@stoa/connect/testing/caddy-process.ts';
import { freePorts as portsOfNobody } from '@stoa/connect/testing/installed.ts';
import { joinBy } from '@stoa/server/testing/person.ts';
import type { Person } from '@stoa/server/testing/person.ts';
import { typeDeviceCode } from '../stoactl/signing-in.ts';
import { freePorts, makeStateDir, startSystem } from '../system/running-system.ts';
import type { RunningSystem } from '../system/running-system.ts';
import { fileOf, folders } from './built.ts';
import { makeFreshRoot } from './fresh-root.ts';
import type { FreshRoot } from './fresh-root.ts';
import { boot, machinePackages } from './machine.ts';
import type { Machine } from './machine.ts';

/** What `make up` runs, a machine with a Caddy of somebody's, and somebody who may enrol machines. */
let state: Awaited<ReturnType<typeof makeStateDir>>;
let system: RunningSystem;
let root: FreshRoot;
let machine: Machine;
let owner: Person;
let adminUrl = '';
let proxyUrl = '';
const origin = 'https://app.example.com';
const within = (timeout: number) => ({ timeout, interval: 100 });

beforeAll(async () => {
  state = await makeStateDir();
  system = await startSystem(state.path, await freePorts());
  owner = await joinBy({ url: system.up.control_plane_url }, system.up.owner_login_url);
  await deployOrders();
  root = await makeFreshRoot([...machinePackages, 'caddy']);
  copyFileSync(fileOf(folders.newer, /^stoa-connect_.*\.deb$/), join(root.path, 'root/stoa-connect.deb'));
  const [admin = 0, proxy = 0] = await portsOfNobody(2);
  [adminUrl, proxyUrl] = [`http://127.0.0.1:${admin}`, `http://127.0.0.1:${proxy}`];
  writeFileSync(join(root.path, 'root/caddy.json'), JSON.stringify(operatorsConfig(admin, proxy)));
  machine = await boot(root);
  await machine.run('systemd-run --unit caddy-of-somebody --setenv HOME=/root caddy run --config /root/caddy.json');
  await vi.waitFor(async () => expect((await asked('/')).status).toBe(200), within(60_000));
});
afterAll(async () => {
  await machine?.off();
  await system?.interrupt();
  root?.remove();
  await state?.remove();
});

/** The example's API with two policies that a Caddy enforces by itself, for an environment in which there is no gateway yet. */
async function deployOrders(): Promise<void> {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(system.up.control_plane_url + path, {
      method,
      headers: { authorization: `Bearer ${system.up.admin_token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect([path, response.ok]).toEqual([path, true]);
    return (await response.json()) as T;
  };
  const orders = `http://127.0.0.1:${system.up.ports.orders}`;
  const document = await (await fetch(`${orders}/openapi.yaml`)).text();
  const { api_id } = await ask<{ api_id: string }>('POST', '/v1/apis', { name: 'shop', document, upstream_url: orders, open_to_all_consumers: true });
  const policies = { cors: { allow_origins: [origin], max_age_s: 600 }, ip_restriction: { deny: ['127.0.0.2/32'] } };
  for (const [kind, config] of Object.entries(policies))
    await ask('POST', '/v1/policies', { name: `shop-${kind.replace('_', '-')}`, policy: { kind, config }, attached_to: [{ api_id }] });
  await ask('POST', '/v1/deployments', { api_id, targets: { environments: ['edge'] } });
}

type Answered = { status: number | undefined; allows: string | undefined };
const asked = (path: string, localAddress = '127.0.0.1'): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const call = request(proxyUrl + path, { localAddress, agent: false, headers: { origin } }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, allows: response.headers['access-control-allow-origin'] });
    });
    call.on('error', reject).end();
  });

it('a fresh machine installs the package, is enrolled by a person, and its Caddy serves what is deployed with its policies', async () => {
  expect((await asked('/orders')).allows).toBe(undefined);
  const since = performance.now();
  expect(await machine.run('dpkg -i /root/stoa-connect.deb')).toMatchObject({ status: 0 });
  const said = join(root.path, 'root/said');
  const options = `--target caddy --target-url ${adminUrl} --environment edge --name caddy-edge --force`;
  const enrolled = machine.run(`stoa-connect enroll --server ${system.up.control_plane_url} ${options} 2>/root/said`);
  const [, page = '', code = ''] = await vi.waitFor(() => {
    const shown = /Open (\S+) in any browser and type the code (\S+)/.exec(existsSync(said) ? readFileSync(said, 'utf8') : '');
    if (shown === null) throw new Error('No code is shown.');
    return shown;
  }, within(60_000));
  await typeDeviceCode(page, code, owner);
  expect(await enrolled).toMatchObject({ status: 0 });
  expect(await machine.run('systemctl start stoa-connect')).toEqual({ status: 0, output: '' });
  await vi.waitFor(async () => expect(await asked('/orders')).toEqual({ status: 200, allows: origin }), within(100_000));
  const seconds = (performance.now() - since) / 1000;
  expect((await asked('/orders', '127.0.0.2')).status).toBe(403);
  await record(seconds);
}, 240_000);

/** Beside the figures of the benchmarks: a test holds no clock against anybody. */
async function record(seconds: number): Promise<void> {
  const metric = 'A fresh Debian: from installing Connect, by enrolling it, to a Caddy that serves a deployed API with its policies';
  console.log(`${metric}: ${seconds.toFixed(1)} s`);
  await writeResult(join(import.meta.dirname, '../../bench/results'), {
    name: 'first-minute',
    date: new Date().toISOString(),
    machine: describeMachine(),
    cores: 'nothing was pinned',
    rounds: 1,
    seconds: 0,
    quick: false,
    rows: [bounded({ metric, unit: 's', note: 'the person who types the code is a script' }, roundsOf([seconds]), { atMost: 60 })],
  });
}
