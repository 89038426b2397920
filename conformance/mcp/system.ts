import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { settings as gatewaySettings } from '@stoa/gateway/config.ts';
import { startGateway } from '@stoa/gateway/start.ts';
import { settings as linkSettings } from '@stoa/link/config.ts';
import { startLink } from '@stoa/link/start.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { makerIn } from '@stoa/server/testing/catalog.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { restDocuments } from './rest-fixture.ts';
import { startKeyed } from './keyed.ts';

export type Target = 'gateway' | 'link';

/** A Control Plane with a Gateway and a Link, which serve what it registers to one consumer. */
export type System = {
  /** Where the suite calls each, as the consumer. */
  readonly urls: Readonly<Record<Target, string>>;
  /** Has them serve an MCP server of our fixture, and nothing else; resolves when both do. */
  serveMcp(fixtureUrl: string): Promise<void>;
  /** The same with the APIs of the fixture that is none. */
  serveRest(url: string): Promise<void>;
  stop(): Promise<void>;
};

const servedWithinMs = 60_000;

export async function startSystem(): Promise<System> {
  const stateDir = await mkdtemp(join(tmpdir(), 'stoa-conformance-state-'));
  const plane = await startTestControlPlane();
  const make = makerIn(plane);
  const { body: consumer } = await make.post<{ consumer_id: string }>('/v1/consumers', { name: 'suite' });
  const { body: minted } = await make.post<{ secret: string }>(`/v1/consumers/${consumer.consumer_id}/keys`, {});
  const keyed = { gateway: await startKeyed(minted.secret), link: await startKeyed(minted.secret) };
  const log = createLogger({ program: 'conformance', level: 'error' });
  const envOf = async (target: Target): Promise<Record<string, string>> => ({
    STOA_CONTROL_PLANE_URL: plane.url,
    STOA_GATEWAY_KEY: await plane.mintGatewayKey(),
    STOA_LISTEN: '127.0.0.1:0',
    STOA_ENVIRONMENT: 'production',
    STOA_INSTANCE_NAME: target,
    STOA_STATE_DIR: join(stateDir, target),
    STOA_ALLOWED_ORIGINS: keyed[target].origin,
  });
  const runtimes: Record<Target, Runtime> = {
    gateway: await startGateway(gatewaySettings.load({ argv: [], env: await envOf('gateway') }), log),
    link: await startLink(linkSettings.load({ argv: [], env: await envOf('link') }), log),
  };
  for (const target of ['gateway', 'link'] as const) keyed[target].leadTo(runtimes[target].url);
  const until = async (tool: string, isServed: boolean): Promise<void> => {
    const deadline = Date.now() + servedWithinMs;
    while (Object.values(runtimes).some(({ engine }) => engine?.snapshot.tools.has(tool) !== isServed)) {
      if (Date.now() > deadline) throw new Error(`The tool ${tool} is ${isServed ? 'not served' : 'still served'}.`);
      await delay(50);
    }
  };
  let registered: string[] = [];
  const clear = async (): Promise<void> => {
    for (const id of registered) await plane.request('DELETE', `/v1/mcp-servers/${id}`);
    registered = [];
    await until('test_simple_text', false);
  };
  return {
    urls: { gateway: keyed.gateway.url, link: keyed.link.url },
    async serveMcp(fixtureUrl) {
      await clear();
      for (const name of ['test', 'json']) {
        const http = { url: `${fixtureUrl}/behind/${name}/mcp` };
        const body = { name, prefix: `${name}_`, http, pinning: 'auto', subscription_required: false, targets: { environments: ['production'] } };
        const { status, body: made } = await make.post<{ mcp_server_id: string }>('/v1/mcp-servers', body);
        if (status !== 201) throw new Error(`The fixture could not be registered: ${JSON.stringify(made)}`);
        registered.push(made.mcp_server_id);
      }
      await until('test_simple_text', true);
      await until('json_schema_2020_12_tool', true);
    },
    async serveRest(url) {
      await clear();
      for (const [name, document] of Object.entries(restDocuments)) {
        const api = await make.api({ name, document, upstream_url: url, open_to_all_consumers: true });
        await make.deployment(api, { environments: ['production'] });
      }
      await until('test_simple_text', true);
      await until('json_schema_2020_12_tool', true);
    },
    async stop() {
      await Promise.all(Object.values(runtimes).map((runtime) => runtime.stop()));
      await Promise.all([keyed.gateway.stop(), keyed.link.stop(), plane.close()]);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
