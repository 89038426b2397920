import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsumerItem, GatewayConfig, McpServerItem, McpServerReport, McpServerSubscriptionItem } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { defineSettings } from '@stoa/lib/settings.ts';
import type { McpCommands } from '../commands.ts';
import { doors } from '../../doors/table.ts';
import { runtimeSettings } from '../../settings.ts';
import { startRuntime } from '../../start.ts';
import type { Runtime } from '../../start.ts';
import { fakeConnection } from '../../testing/fake-connection.ts';
import { configOf } from '../../testing/fixtures.ts';

export function mcpServerItem(url: string, given: Partial<McpServerItem> = {}): McpServerItem {
  const id = given.mcp_server_id ?? randomUUID();
  return {
    id: `mcp_server:${id}`,
    kind: 'mcp_server',
    mcp_server_id: id,
    name: 'tickets',
    prefix: 'tickets_',
    http: { url },
    subscription_required: false,
    pinning: 'auto',
    ...given,
  };
}

export function serverSubscriptionItem(server: McpServerItem, consumer: ConsumerItem): McpServerSubscriptionItem {
  const subscriptionId = randomUUID();
  const ends = { mcp_server_id: server.mcp_server_id, consumer_id: consumer.consumer_id };
  return { id: `subscription:${subscriptionId}`, kind: 'mcp_server_subscription', subscription_id: subscriptionId, ...ends };
}

export type TestGateway = {
  readonly url: string;
  readonly runtime: Runtime;
  readonly reports: { readonly id: string; readonly report: McpServerReport }[];
  readonly usage: ReturnType<typeof fakeConnection>['seen']['usage'];
  apply(...items: GatewayConfig['items']): Promise<unknown>;
  /** Resolves once a condition holds, which is looked at after everything that a server is told of or found to be. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
};

const program = { name: 'stoa-test', version: '0.0.0', description: 'A runtime under test.' };

/** A whole Gateway in this process, which is given its configuration by the test. */
export const startGateway = (...items: GatewayConfig['items']): Promise<TestGateway> => startLinkWith(undefined, ...items);

/** The same in a state directory that others began in. */
export const startAgainIn = (stateDir: string, ...items: GatewayConfig['items']): Promise<TestGateway> => startIn(stateDir, undefined, ...items);

/** The same with commands to start. */
export async function startLinkWith(mcpCommands: McpCommands | undefined, ...items: GatewayConfig['items']): Promise<TestGateway> {
  const stateDir = await mkdtemp(join(tmpdir(), 'stoa-mcp-'));
  const gateway = await startIn(stateDir, mcpCommands, ...items);
  return { ...gateway, stop: () => gateway.stop().finally(() => rm(stateDir, { recursive: true, force: true })) };
}

async function startIn(stateDir: string, mcpCommands: McpCommands | undefined, ...items: GatewayConfig['items']): Promise<TestGateway> {
  const env = {
    STOA_STATE_DIR: stateDir,
    STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
    STOA_GATEWAY_KEY: 'stoa_gk_test',
    STOA_LISTEN: '127.0.0.1:0',
  };
  const settings = defineSettings(program, runtimeSettings({ program: 'test', listen: '127.0.0.1:8081' })).load({ argv: [], env });
  const connection = fakeConnection();
  const log = createLogger({ program: 'test', level: process.env['TEST_LOG'] === undefined ? 'silent' : 'debug' });
  const runtime = await startRuntime({
    program: 'stoa-test',
    product: 'STOA Gateway',
    gatewayMode: 'edge_mcp',
    doors: [doors.mcp],
    log,
    settings,
    connect: connection.connect,
    ...(mcpCommands !== undefined && { mcpCommands }),
  });
  let generation = 0;
  const apply = (...next: GatewayConfig['items']) => connection.apply({ ...configOf(...next), generation: (generation += 1) });
  await apply(...items);
  return {
    url: `${runtime.url}/mcp`,
    runtime,
    reports: connection.reports,
    usage: connection.seen.usage,
    apply,
    async until(condition) {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    stop: () => runtime.stop(),
  };
}

/** Whether a tool of this name is served. */
export const serves = ({ runtime }: TestGateway, tool: string): boolean => runtime.engine?.snapshot.tools.has(tool) === true;
