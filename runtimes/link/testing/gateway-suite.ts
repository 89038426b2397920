import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { compileSnapshot } from '@stoa/mcp/snapshot.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { apiItem, configOf, consumerItem, createOrder, getOrder, policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

/** What Link promises behind a gateway that asks, with the configuration of its guide and the gateway itself. */
export function describeGateway(subject: GatewayUnderTest): void {
  const { name, program, missing } = subject;
  it.skipIf(program !== undefined || process.env['CI'] !== 'true')(`${name} is there`, () => {
    throw new Error(missing);
  });
  describe.skipIf(program === undefined)(`Link behind ${name}${program === undefined ? ` (${missing})` : ''}`, () => {
    describePromises(subject, program ?? name);
  });
}

const problemType = 'application/problem+json';

function describePromises(subject: GatewayUnderTest, program: string): void {
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
  const bearer = { authorization: `Bearer ${key}` };
  const order = '/v1/orders/7';
  const links = new Map<number, Runtime>();
  let ports: GatewayPorts;
  let stateDir = '';
  const stops: (() => Promise<unknown>)[] = [];

  const configure = (...policies: ReturnType<typeof policyItem>[]) => {
    const { snapshot } = compileSnapshot(configOf(api, consumer, keyHeader, ...policies));
    for (const link of links.values()) link.engine.replace(snapshot);
  };
  const startLinkAt = async (port: number): Promise<Runtime> => {
    const env = { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_GATEWAY_KEY: 'stoa_gk_test', STOA_LISTEN: `127.0.0.1:${port}` };
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

  it('lets a known consumer through, and the upstream learns who it is from Link alone', async () => {
    const spoofed = { 'x-stoa-consumer': 'somebody-else', 'x-stoa-api': 'another', 'x-stoa-operation': 'dropTable' };
    expect(await send({ path: `${order}?x=1`, headers: { ...bearer, ...spoofed } })).toMatchObject({ status: 200, body: 'from the upstream' });
    const told = { 'x-stoa-consumer': 'support-agent', 'x-stoa-api': 'orders', 'x-stoa-operation': 'getOrder' };
    expect(arrived).toMatchObject([{ url: `${order}?x=1`, headers: told }]);
  });

  it.each(['Authorization', 'X-API-Key'])("the consumer's key in %s does not go on to the upstream", async (header) => {
    const value = header === 'Authorization' ? `Bearer ${key}` : key;
    expect(await send({ path: order, headers: { [header]: value } })).toMatchObject({ status: 200 });
    expect(JSON.stringify(arrived)).not.toContain(key);
    expect(arrived[0]?.headers).not.toHaveProperty(header.toLowerCase());
  });

  it('decides on the original method, and the body reaches the upstream whole', async () => {
    const body = `{"sku":"${'a'.repeat(10_000)}"}`;
    expect(await send({ path: '/v1/orders', headers: bearer, method: 'POST', body })).toMatchObject({ status: 200 });
    expect(arrived).toMatchObject([{ method: 'POST', body }]);
    expect(await send({ path: order, headers: bearer, method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(await send({ path: '/v1/orders', headers: bearer, method: 'DELETE' })).toMatchObject({ status: 403 });
  });

  describe('what is denied', () => {
    it('is 401 with the challenge for a caller without a key, in problem details', async () => {
      const answer = await send({ path: order });
      const headers = { 'www-authenticate': 'Bearer realm="stoa"', 'x-stoa-reason': 'unauthenticated', 'content-type': problemType };
      expect(answer).toMatchObject({ status: 401, headers });
      expect(JSON.parse(answer.body)).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(arrived).toEqual([]);
    });

    it.each([
      ['an unknown path', { path: '/v1/nothing' }],
      ['an unknown method', { path: order, method: 'DELETE' }],
    ])('is 403 for a good key on %s, whichever header carries it, in problem details', async (_what, sent) => {
      for (const headers of [bearer, { 'x-api-key': key }]) {
        const answer = await send({ ...sent, headers });
        expect(answer).toMatchObject({ status: 403, headers: { 'x-stoa-reason': 'forbidden', 'content-type': problemType } });
        expect(JSON.parse(answer.body)).toMatchObject({ status: 403, code: 'forbidden' });
      }
    });

    it('is 403 for what a policy does not give', async () => {
      configure(policyItem({ kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { resource.read_only };' } }, [api]));
      const post = { path: '/v1/orders', headers: bearer, method: 'POST', body: '{}' };
      expect(await send(post)).toMatchObject({ status: 403, headers: { 'x-stoa-reason': 'forbidden' } });
      expect(await send({ path: order, headers: bearer })).toMatchObject({ status: 200 });
    });

    it('lesson 29: is 429 with Retry-After over a limit', async () => {
      configure(policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }, [api]));
      expect(await send({ path: order, headers: bearer })).toMatchObject({ status: 200 });
      const answer = await send({ path: order, headers: bearer });
      const headers = { 'retry-after': '60', 'x-stoa-reason': 'rate_limited', 'content-type': problemType };
      expect(answer).toMatchObject({ status: 429, headers });
      expect(JSON.parse(answer.body)).toMatchObject({ status: 429, code: 'rate_limited' });
    });

    it('is 413 for a body that is larger than its API takes', async () => {
      configure(policyItem({ kind: 'request_size_limit', config: { max_bytes: 10 } }, [api]));
      const post = (body: string, headers = {}) => send({ path: '/v1/orders', headers: { ...bearer, ...headers }, method: 'POST', body });
      expect(await post('x'.repeat(11))).toMatchObject({ status: 413, headers: { 'x-stoa-reason': 'too_large', 'content-type': problemType } });
      expect(await post('x'.repeat(11), { 'x-original-content-length': '1' })).toMatchObject({ status: 413 });
      expect(arrived).toEqual([]);
      expect(await post('x'.repeat(10))).toMatchObject({ status: 200 });
    });

    it(`is ${subject.measuresChunked ? 'the same' : "by the gateway's own bound alone"} for a body that tells no length`, async () => {
      configure(policyItem({ kind: 'request_size_limit', config: { max_bytes: 10 } }, [api]));
      const headers = { ...bearer, 'transfer-encoding': 'chunked' };
      const post = (bytes: number) => send({ path: '/v1/orders', headers, method: 'POST', body: 'x'.repeat(bytes) });
      expect(await post(11)).toMatchObject({ status: subject.measuresChunked ? 413 : 200 });
      arrived.length = 0;
      expect(await post(1_100_000)).toMatchObject({ status: 413 });
      expect(arrived).toEqual([]);
    });
  });

  describe('what a caller says', () => {
    it('lesson 31: is neither an identity nor another request than its own', async () => {
      const smuggled = { 'x-original-uri': order, 'x-original-method': 'GET', 'x-forwarded-uri': order, 'x-forwarded-method': 'GET' };
      expect(await send({ path: '/v1/nothing', headers: { ...bearer, ...smuggled } })).toMatchObject({ status: 403 });
      const asserted = { 'x-consumer-username': 'support-agent', 'x-stoa-consumer': 'support-agent' };
      expect(await send({ path: order, headers: asserted })).toMatchObject({ status: 401 });
      expect(arrived).toEqual([]);
    });

    it.each(['x-original-uri', 'x-original-method', 'x-forwarded-uri', 'x-forwarded-method', 'x-forwarded-prefix'])(
      'in %s does not reach the upstream',
      async (header) => {
        await send({ path: order, headers: { ...bearer, [header]: '/admin' } });
        expect(JSON.stringify(arrived)).not.toContain('/admin');
      },
    );

    it.each(['x_stoa_consumer', 'X-Stoa_Consumer', 'X.Stoa.Consumer', 'X-Stoa-Tenant', 'X.Rewrite.URL', 'x_http_method'])(
      'in %s, which an upstream may take for another name, does not reach it',
      async (header) => {
        await send({ path: order, headers: { ...bearer, [header]: 'somebody-else' } });
        expect(JSON.stringify(arrived)).not.toContain('somebody-else');
      },
    );

    it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'X-Original-URL', 'X-Rewrite-URL'])(
      'in %s, which would tell the upstream of another request, is denied',
      async (header) => {
        const answer = await send({ path: order, headers: { ...bearer, [header]: 'DELETE' } });
        expect(answer).toMatchObject({ status: 403, headers: { 'x-stoa-reason': 'overridden_request' } });
        expect(arrived).toEqual([]);
      },
    );

    it('in _method of the query is denied', async () => {
      expect(await send({ path: `${order}?_method=DELETE`, headers: bearer })).toMatchObject({ status: 403 });
      expect(arrived).toEqual([]);
    });

    it.each([
      '/v1/orders/..%2f..%2fadmin',
      '/v1/orders/%2e%2e/admin',
      '/v1//orders/7',
      '/pay/../v1/orders/7',
      '/v1/orders/..;/admin',
      '/v1/orders/a%5cb',
    ])('lesson 27: as %s never reaches the upstream', async (path) => {
      expect(await send({ path, headers: bearer })).toMatchObject({ status: 403 });
      expect(arrived).toEqual([]);
    });

    it('to another host than those of the API is answered by the gateway alone', async () => {
      const host = (name: string) => send({ path: order, headers: { ...bearer, host: name } });
      expect(await host('api.example.com')).toMatchObject({ status: 200 });
      arrived.length = 0;
      expect(await host('admin.example.com')).toMatchObject({ status: 404 });
      expect(arrived).toEqual([]);
    });

    it('in 20 kB of query goes through whole, and in 100 kB has an answer that says what is too long', async () => {
      const path = `${order}?q=${'x'.repeat(20_000)}`;
      expect(await send({ path, headers: bearer })).toMatchObject({ status: 200 });
      expect(arrived).toMatchObject([{ url: path }]);
      const answer = await send({ path: `${order}?q=${'x'.repeat(100_000)}`, headers: bearer });
      expect([414, 431]).toContain(answer.status);
      expect(answer.body).toMatch(/too large/i);
    });
  });

  it('an upgrade is not permitted as its GET is, where the gateway passes upgrades on', async () => {
    const port = await startWith(subject.withUpgrades);
    expect(await send({ path: order, headers: bearer, port })).toMatchObject({ status: 200 });
    arrived.length = 0;
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
    expect(await send({ path: order, headers: { ...bearer, ...upgrade }, port })).toMatchObject({
      status: 403,
      headers: { 'x-stoa-reason': 'upgrade' },
    });
    expect(arrived).toEqual([]);
  });

  it('a gateway that asks without the prefix lets nothing through, not even what Link itself serves under the path', async () => {
    const port = await startWith(subject.withoutPrefix);
    for (const path of ['/healthz', '/readyz', '/version', '/metrics', '/mcp', order]) {
      const { status } = await send({ path, headers: bearer, port });
      expect([path, [403, 404, 503].includes(status ?? 0)]).toEqual([path, true]);
    }
    expect(arrived).toEqual([]);
  });

  describe('while Link is', () => {
    const undecided = { status: 503, headers: { 'retry-after': '1', 'content-type': problemType } };

    it('without a configuration, callers are told to come again', async () => {
      const [port] = ports.links;
      await stopLinkAt(port);
      await startLinkAt(port);
      expect(await send({ path: order, headers: bearer })).toMatchObject(undecided);
      expect(arrived).toEqual([]);
      configure();
      expect(await send({ path: order, headers: bearer })).toMatchObject({ status: 200 });
    });

    it('away, callers are told to come again', async () => {
      const [port] = ports.links;
      await stopLinkAt(port);
      expect(await send({ path: order, headers: bearer })).toMatchObject(undecided);
      expect(arrived).toEqual([]);
      await startLinkAt(port);
      configure();
      expect(await send({ path: order, headers: bearer })).toMatchObject({ status: 200 });
    });

    it(`restarted under load${subject.linksForRestart === 2 ? ', one of two' : ''}, no call is denied`, async () => {
      const [port, second] = ports.links;
      if (subject.linksForRestart === 2) await startLinkAt(second);
      configure();
      const seen = new Map<number | undefined, number>();
      let done = false;
      const caller = async (): Promise<void> => {
        while (!done) {
          const { status } = await send({ path: order, headers: bearer });
          seen.set(status, (seen.get(status) ?? 0) + 1);
        }
      };
      const served = async (count: number): Promise<void> => {
        const wanted = (seen.get(200) ?? 0) + count;
        while ((seen.get(200) ?? 0) < wanted && seen.size < 2) await send({ path: order, headers: bearer });
      };
      const callers = Array.from({ length: 8 }, caller);
      for (let round = 0; round < 3; round += 1) {
        await served(50);
        await stopLinkAt(port);
        await startLinkAt(port);
        configure();
      }
      await served(50);
      done = true;
      await Promise.all(callers);
      expect([...seen.keys()]).toEqual([200]);
      expect(seen.get(200)).toBeGreaterThan(200);
    });
  });
}
