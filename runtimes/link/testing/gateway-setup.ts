import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { apiItem, compile, configOf, consumerItem, createOrder, getOrder, policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { settings } from '../config.ts';
import { startLink } from '../start.ts';
import { freePort, startGateway } from './gateway-process.ts';

export type GatewayPorts = { readonly gateway: number; readonly links: readonly [number, number]; readonly upstream: number };

export type GatewayUnderTest = {
  readonly name: string;
  /** Where it is; undefined when it is not installed, of which `missing` says how to. */
  readonly program: string | undefined;
  readonly missing: string;
  readonly file: string;
  readonly args: (file: string, directory: string) => string[];
  /** What the guide tells an operator to write, at these ports. */
  readonly configuration: (ports: GatewayPorts) => string;
  /** The same, by an operator who forgot where Link decides. */
  readonly withoutPrefix: (ports: GatewayPorts) => string;
  /** The same, where the gateway passes upgrades on. */
  readonly withUpgrades: (ports: GatewayPorts) => string;
  /** How many Links have to be there for a restart of one to deny no call. */
  readonly linksForRestart: 1 | 2;
  /** Whether the gateway waits for a body that tells no length, and then tells it. */
  readonly measuresChunked: boolean;
};

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: string };
type Arrived = { url: string | undefined; method: string | undefined; headers: IncomingHttpHeaders; body: string };
type Sent = { path: string; headers?: Record<string, string>; method?: string; body?: string; port?: number };

/** An upstream, Links and a gateway with the configuration of its guide, for the tests of the block that this is called in. */
export function setUpGateway(subject: GatewayUnderTest, program: string) {
  const arrived: Arrived[] = [];
  const upstream = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    void text(request).then((body) => {
      arrived.push({ url: request.url, method: request.method, headers: request.headers, body });
      response.end('from the upstream');
    });
  });
  const { item: consumer, key } = consumerItem();
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const keyHeader = policyItem({ kind: 'api_key_auth', config: { header: 'X-API-Key' } }, [api]);
  const links = new Map<number, Runtime>();
  let ports: GatewayPorts;
  let stateDir = '';
  const stops: (() => Promise<unknown>)[] = [];

  const configure = (...policies: ReturnType<typeof policyItem>[]) => {
    const { snapshot } = compile(configOf(api, consumer, keyHeader, ...policies), ['mcp', 'authz']);
    for (const link of links.values()) link.engine?.replace(snapshot);
  };
  const startLinkAt = async (port: number): Promise<Runtime> => {
    const env = {
      STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
      STOA_GATEWAY_KEY: 'stoa_gk_test',
      STOA_LISTEN: `127.0.0.1:${port}`,
      STOA_TRUSTED_PROXIES: '127.0.0.1',
    };
    const loaded = settings.load({ argv: [], env: { ...env, STOA_STATE_DIR: join(stateDir, String(port)) } });
    const link = await startLink(loaded, createLogger({ program: 'test', level: 'silent' }));
    links.set(port, link);
    return link;
  };
  const stopLinkAt = async (port: number): Promise<void> => {
    await links.get(port)?.stop();
    links.delete(port);
  };
  const startWith = async (configuration: (ports: GatewayPorts) => string): Promise<number> => {
    const gateway = await freePort();
    stops.push(await startGateway(program, subject, configuration({ ...ports, gateway }), gateway));
    return gateway;
  };

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'stoa-link-'));
    const upstreamUrl = new URL(await listen(upstream, { host: '127.0.0.1', port: 0 }));
    ports = { gateway: 0, links: [await freePort(), await freePort()], upstream: Number(upstreamUrl.port) };
    await startLinkAt(ports.links[0]);
    ports = { ...ports, gateway: await startWith(subject.configuration) };
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    await Promise.all([...links.keys()].map(stopLinkAt));
    await closeGracefully(upstream, 0);
    await rm(stateDir, { recursive: true });
  });
  beforeEach(() => {
    arrived.length = 0;
    configure();
  });

  const send = ({ path, headers = {}, method = 'GET', body, port = ports.gateway }: Sent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      // Not fetch: it would normalise the path, which is what is tested here.
      const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode, headers: response.headers, body: answer }), reject);
      });
      sent.once('error', reject).once('upgrade', () => reject(new Error('The connection was upgraded.')));
      if (body === undefined) sent.end();
      else sent.end(body);
    });

  return { api, key, arrived, ports: () => ports, configure, startLinkAt, stopLinkAt, startWith, send };
}
