import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { api, keyAuth } from '@stoa/connect/testing/config.ts';
import { serveControlPlane } from '@stoa/connect/testing/control-plane.ts';
import type { ServedControlPlane } from '@stoa/connect/testing/control-plane.ts';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { fileOf, folders, versions } from './built.ts';
import { makeFreshRoot } from './fresh-root.ts';
import type { FreshRoot } from './fresh-root.ts';
import { boot, machinePackages } from './machine.ts';
import type { Machine } from './machine.ts';

let root: FreshRoot;
let machine: Machine;
let controlPlane: ServedControlPlane;
let kong: KongSimulator;
let listen = '';
const patient = { timeout: 60_000, interval: 200 };

beforeAll(async () => {
  kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
  controlPlane = await serveControlPlane();
  root = await makeFreshRoot(machinePackages);
  copyFileSync(fileOf(folders.older, /\.deb$/), join(root.path, 'root/older.deb'));
  copyFileSync(fileOf(folders.newer, /^stoa-connect_.*\.deb$/), join(root.path, 'root/newer.deb'));
  machine = await boot(root);
});
afterAll(async () => {
  await machine?.off();
  await controlPlane?.close();
  await kong?.close();
  root?.remove();
});

const said = async (line: string) => (await machine.run(line)).output.trim();
const property = (name: string) => said(`systemctl show --value --property ${name} stoa-connect`);
const journal = () => said('journalctl -u stoa-connect -o cat --no-pager');
const ready = async () => (await fetch(`http://${listen}/readyz`)).json() as Promise<{ config: { state: string; generation: number } }>;

it('is skipped, and not failed, until there is a gateway key', async () => {
  const { status, output } = await machine.run('dpkg -i /root/older.deb');
  expect([status, output]).toEqual([0, expect.stringContaining('enrol this machine')]);
  expect(await said('systemctl is-enabled stoa-connect')).toBe('enabled');
  expect([await property('ActiveState'), await property('ConditionResult')]).toEqual(['inactive', 'no']);
});

it('is up when systemctl start returns: it has said so itself, with the key as a credential that its account cannot read from the disk', async () => {
  listen = `127.0.0.1:${await freePort()}`;
  const settings = {
    control_plane_url: controlPlane.url,
    instance_name: 'kong-eu-1',
    environment: 'production',
    target_gateway_url: kong.adminUrl,
    listen,
  };
  writeFileSync(join(root.path, 'etc/stoa/connect.yaml'), JSON.stringify({ ...settings, gateway_key_file: '/etc/stoa/gateway.key' }), {
    mode: 0o600,
  });
  writeFileSync(join(root.path, 'etc/stoa/gateway.key'), 'stoa_gk_test\n', { mode: 0o600 });
  expect(await machine.run('systemctl start stoa-connect')).toEqual({ status: 0, output: '' });
  expect([await property('ActiveState'), await property('SubState')]).toEqual(['active', 'running']);
  expect(await said('stat -c %U /proc/$(systemctl show --value --property MainPID stoa-connect)')).toBe('stoa-connect');
  expect((await machine.run('setpriv --reuid stoa-connect --regid stoa-connect --clear-groups cat /etc/stoa/gateway.key')).status).not.toBe(0);
  await vi.waitFor(
    () => expect(controlPlane.fake.named('register').map(({ headers }) => headers.get('authorization'))).toContain('Bearer stoa_gk_test'),
    patient,
  );
  await vi.waitFor(() => expect(controlPlane.fake.named('heartbeat').length).toBeGreaterThan(0), patient);
});

it('applies what the Control Plane deploys, below every restriction of its unit', async () => {
  const orders = api('orders');
  controlPlane.deploy([orders, keyAuth(orders)]);
  await vi.waitFor(() => expect(controlPlane.fake.named('ack').at(-1)?.body).toMatchObject({ generation: 1 }), patient);
  await vi.waitFor(async () => expect(await ready()).toMatchObject({ config: { state: 'fresh', generation: 1 } }), patient);
  // Filtered, without a capability, and without a way to get one.
  const held = await said('grep -E "^(Seccomp|CapBnd|NoNewPrivs):" /proc/$(systemctl show --value --property MainPID stoa-connect)/status');
  expect(held.replaceAll(/\s+/g, ' ')).toBe('CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2');
  expect(await journal()).not.toMatch(/"level":"(error|fatal)"|Operation not permitted/);
});

it('feeds its watchdog, and is started anew when it hangs', async () => {
  await machine.run(
    'mkdir -p /run/systemd/system/stoa-connect.service.d && printf "[Service]\\nWatchdogSec=3\\nRestartSec=0\\n" > /run/systemd/system/stoa-connect.service.d/quick.conf',
  );
  expect((await machine.run('systemctl daemon-reload && systemctl restart stoa-connect')).status).toBe(0);
  const [pid, first] = [await property('MainPID'), await property('WatchdogTimestampMonotonic')];
  await vi.waitFor(async () => expect(await property('WatchdogTimestampMonotonic')).not.toBe(first), patient);
  expect(await property('MainPID')).toBe(pid);
  await machine.run(`kill -STOP ${pid}`);
  await vi.waitFor(async () => expect(await property('NRestarts')).not.toBe('0'), patient);
  await vi.waitFor(async () => expect(await property('ActiveState')).toBe('active'), patient);
  expect(await journal()).toContain('Watchdog timeout');
});

it('is updated while the Control Plane is away, and begins with what the older version has kept', async () => {
  await vi.waitFor(async () => expect(await ready()).toMatchObject({ config: { state: 'fresh', generation: 1 } }), patient);
  await controlPlane.close();
  const kept = () => said('ls /var/lib/stoa-connect | grep -v lock');
  const before = await kept();
  expect((await machine.run('dpkg -i /root/newer.deb')).status).toBe(0);
  await vi.waitFor(async () => expect(await (await fetch(`http://${listen}/version`)).json()).toMatchObject({ version: versions.newer }), patient);
  await vi.waitFor(async () => expect(await ready()).toMatchObject({ config: { generation: 1 } }), patient);
  expect(await kept()).toBe(before);
  const restored = (await journal())
    .split('\n')
    .filter((line) => line.includes(`"version":"${versions.newer}"`) && line.includes('restored from disk'));
  expect(restored).toHaveLength(1);
});

it('stops when it is told to, says so, and stays stopped', async () => {
  expect((await machine.run('systemctl stop stoa-connect')).status).toBe(0);
  expect([await property('ActiveState'), await property('Result')]).toEqual(['inactive', 'success']);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
