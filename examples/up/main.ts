import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { onShutdown } from '@stoa/lib/listen.ts';
import { ExpectedError, runMain } from '@stoa/lib/settings.ts';
import { Children } from './children.ts';
import { Management } from './management.ts';
import { portVariables, readPorts, requireFreePorts } from './ports.ts';
import type { Ports } from './ports.ts';
import { removeRunRecord, settleEarlierRun, writeRunRecord } from './run-record.ts';
import { consumers, environment, seed, toolSetName } from './seed.ts';
import { summary } from './summary.ts';
import type { UpFile } from './summary.ts';

const root = resolve(import.meta.dirname, '../..');
// Where everything is kept; another place makes another system beside the first.
const stateDir = resolve(process.env['UP_STATE_DIR'] ?? join(root, '.stoa'));
const upFile = join(stateDir, 'up.json');
const runRecordFile = join(stateDir, 'processes.json');
const onlineWithinMs = 60_000;

await runMain(async () => {
  if (process.argv.includes('--help')) {
    console.log(`Runs the whole system with an example API until Ctrl-C. Its data is in ${stateDir}. Ports, by variable:\n${portVariables}`);
    return;
  }
  const ports = readPorts(process.env);
  const children = new Children(join(stateDir, 'logs'), (programs) => writeRunRecord(runRecordFile, { up: process.pid, programs }));
  onShutdown(
    async () => {
      console.log('\nStopping …');
      await stop(children);
    },
    { timeoutMs: 110_000, force: () => stop(children, 'force') },
  );
  try {
    await settleEarlierRun(runRecordFile);
    await requireFreePorts(ports);
    const up = await bringUp(children, ports);
    console.log(summary(up.file, up.signInLink, relative(process.cwd(), upFile)));
    await children.failed;
  } catch (error) {
    // What fails because everything is being stopped is nobody's news, and whoever stops it ends this process.
    if (children.isStopping) await new Promise<never>(() => {});
    await stop(children);
    throw error;
  }
});

/** The record goes with the last program; a stop that fails leaves it to the next start, and so does one that never began anything. */
async function stop(children: Children, how: 'stop' | 'force' = 'stop'): Promise<void> {
  await children[how]();
  if (children.isAny) removeRunRecord(runRecordFile);
}

async function bringUp(children: Children, ports: Ports): Promise<{ file: UpFile; signInLink: string }> {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const address = (port: number) => `127.0.0.1:${port}`;
  const controlPlaneUrl = url(ports.control_plane);
  const before = await readUpFile();

  say('Control Plane', controlPlaneUrl);
  await children.start({
    name: 'control-plane',
    stops: 'last',
    command: join(root, 'bin/stoa-control-plane'),
    readyUrl: `${controlPlaneUrl}/readyz`,
    env: { STOA_LISTEN: address(ports.control_plane), STOA_DATA_DIR: join(stateDir, 'control-plane'), STOA_HEARTBEAT_INTERVAL_S: '10' },
  });
  const adminToken = (await readFile(join(stateDir, 'control-plane/admin-token'), 'utf8')).trim();
  const management = new Management(controlPlaneUrl, adminToken);
  const gatewayKey = await management.gatewayKey('make up', before?.gateway_key);
  const consumerKey = await management.consumerKey(consumers.agent, before?.mcp.token);
  const operatorKey = await management.consumerKey(consumers.operator, before?.mcp.operator_token);
  const viewerToken = await management.viewerToken('management API as tools', before?.viewer_token);
  const file: UpFile = {
    control_plane_url: controlPlaneUrl,
    console_url: `${controlPlaneUrl}/gateways/modes`,
    issuer_url: `${controlPlaneUrl}/oidc`,
    owner_login_url: await ownerLoginUrl(controlPlaneUrl),
    admin_token: adminToken,
    gateway_key: gatewayKey,
    mcp: {
      gateway_url: `${url(ports.gateway)}/mcp`,
      link_url: `${url(ports.link)}/mcp`,
      token: consumerKey,
      operator_token: operatorKey,
      sets: [{ name: toolSetName, url: `${url(ports.gateway)}/mcp/${toolSetName}` }],
    },
    connect_url: url(ports.connect),
    kong_admin_url: url(ports.kong_admin),
    kong_proxy_url: url(ports.kong_proxy),
    viewer_token: viewerToken,
    ports,
  };
  // Kept as soon as the keys exist: a start that is interrupted here makes none twice.
  await writeDurably(upFile, `${JSON.stringify(file, null, 2)}\n`);

  say('Example API orders', url(ports.orders));
  await children.start({
    name: 'orders',
    stops: 'second',
    command: process.execPath,
    args: [join(root, 'examples/orders/main.ts')],
    readyUrl: `${url(ports.orders)}/openapi.yaml`,
    env: { ORDERS_PORT: String(ports.orders) },
  });
  say('Example MCP server', `${url(ports.support)}/mcp`);
  await children.start({
    name: 'support',
    stops: 'second',
    command: process.execPath,
    args: [join(root, 'examples/support/main.ts')],
    readyUrl: `${url(ports.support)}/healthz`,
    env: { SUPPORT_PORT: String(ports.support) },
  });
  say('Kong simulator', url(ports.kong_admin));
  await children.start({
    name: 'kong-simulator',
    stops: 'second',
    command: process.execPath,
    args: [join(root, 'examples/kong-simulator/main.ts')],
    readyUrl: `${url(ports.kong_admin)}/status`,
    env: {
      KONG_SIMULATOR_ADMIN_PORT: String(ports.kong_admin),
      KONG_SIMULATOR_PROXY_PORT: String(ports.kong_proxy),
      KONG_SIMULATOR_STATE_FILE: join(stateDir, 'kong-simulator.json'),
    },
  });
  const addresses = { controlPlaneUrl, ordersUrl: url(ports.orders), supportUrl: `${url(ports.support)}/mcp` };
  const { deploymentIds, mcpServerId } = await seed(management, addresses, viewerToken);

  const common = { STOA_CONTROL_PLANE_URL: controlPlaneUrl, STOA_GATEWAY_KEY: gatewayKey, STOA_ENVIRONMENT: environment };
  say('Gateway', file.mcp.gateway_url);
  say('Link', file.mcp.link_url);
  say('Connect', file.connect_url);
  await Promise.all([
    children.start({
      name: 'gateway',
      stops: 'first',
      command: join(root, 'bin/stoa-gateway'),
      readyUrl: `${url(ports.gateway)}/readyz`,
      env: { ...common, STOA_INSTANCE_NAME: 'gateway-demo', STOA_LISTEN: address(ports.gateway), STOA_STATE_DIR: join(stateDir, 'gateway') },
    }),
    children.start({
      name: 'link',
      stops: 'first',
      command: join(root, 'bin/stoa-link'),
      readyUrl: `${url(ports.link)}/readyz`,
      env: {
        ...common,
        STOA_INSTANCE_NAME: 'link-demo',
        STOA_LISTEN: address(ports.link),
        STOA_STATE_DIR: join(stateDir, 'link'),
        STOA_TARGET_GATEWAY_TYPE: 'kong',
        STOA_TARGET_GATEWAY_URL: file.kong_proxy_url,
      },
    }),
    children.start({
      name: 'connect',
      stops: 'first',
      command: join(root, 'bin/stoa-connect'),
      readyUrl: `${url(ports.connect)}/readyz`,
      env: {
        ...common,
        STOA_INSTANCE_NAME: 'connect-demo',
        STOA_LISTEN: address(ports.connect),
        STOA_STATE_DIR: join(stateDir, 'connect'),
        STOA_TARGET_GATEWAY_TYPE: 'kong',
        STOA_TARGET_GATEWAY_URL: file.kong_admin_url,
      },
    }),
  ]);
  await Promise.race([allOnline(management, { deploymentIds, mcpServerId }), children.failed]);
  return { file, signInLink: await management.signInLink() };
}

async function allOnline(management: Management, { deploymentIds, mcpServerId }: Awaited<ReturnType<typeof seed>>): Promise<void> {
  const deadline = Date.now() + onlineWithinMs;
  let missing = 'nothing answered';
  while (Date.now() < deadline) {
    const { modes } = await management.modes();
    const states = (await Promise.all(deploymentIds.map((id) => management.deploymentStates(id)))).flat();
    const offline = modes.filter(({ counts }) => counts.online === 0).map(({ product }) => `${product} is not online`);
    const unapplied = states
      .filter(({ state }) => !state.startsWith('applied'))
      .map((on) => `${on.instance_name} is ${on.state}${on.reason ? ` (${on.reason})` : ''}`);
    const unconnected = (await management.mcpServerStates(mcpServerId))
      .filter(({ connection }) => connection !== 'connected')
      .map(
        ({ instance_name, connection_reason }) =>
          `${instance_name} has not reached the example MCP server${connection_reason ? ` (${connection_reason})` : ''}`,
      );
    missing = [...offline, ...unapplied, ...unconnected].join('; ');
    if (missing === '') return;
    await delay(100);
  }
  throw new ExpectedError(`Not everything came online within ${onlineWithinMs / 1000} s: ${missing}. The logs are in ${join(stateDir, 'logs')}.`);
}

/** The link that makes the first owner, which the Control Plane keeps while there is none; then the page of signing in. */
async function ownerLoginUrl(controlPlaneUrl: string): Promise<string> {
  const link = await readIfPresent(join(stateDir, 'control-plane/owner-link'));
  return link?.trim() ?? `${controlPlaneUrl}/sign-in`;
}

/** What the last start wrote. A file of another shape is as good as none: what it held is made anew. */
async function readUpFile(): Promise<(Partial<UpFile> & Pick<UpFile, 'mcp'>) | undefined> {
  const text = await readIfPresent(upFile);
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text.toString()) as Partial<UpFile>;
    return typeof value.mcp?.token === 'string' ? { ...value, mcp: value.mcp } : undefined;
  } catch {
    return undefined;
  }
}

function say(what: string, where: string): void {
  console.log(`Starting ${what.padEnd(20)} ${where}`);
}
