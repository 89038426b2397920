import { networkInterfaces } from 'node:os';
import { policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { describe, expect, it } from 'vitest';
import { setUpGateway } from './gateway-setup.ts';
import type { GatewayUnderTest } from './gateway-setup.ts';

/** Of this machine. */
const ownAddresses = Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address));

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
  const { api, key, arrived, ports, configure, startLinkAt, stopLinkAt, startWith, send } = setUpGateway(subject, program);
  const bearer = { authorization: `Bearer ${key}` };
  const order = '/v1/orders/7';

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

    it('is 403 for a request from an address that a policy does not admit, whatever the caller says of it', async () => {
      const from = (allow: string[]) => configure(policyItem({ kind: 'ip_restriction', config: { allow } }, [api]));
      from(['203.0.113.0/24']);
      const refused = { status: 403, headers: { 'x-stoa-reason': 'address_refused' } };
      expect(await send({ path: order, headers: bearer })).toMatchObject(refused);
      expect(await send({ path: order, headers: { ...bearer, 'x-forwarded-for': '203.0.113.1' } })).toMatchObject(refused);
      expect(await send({ path: order, headers: { ...bearer, forwarded: 'for=203.0.113.1' } })).toMatchObject(refused);
      expect(arrived).toEqual([]);
      // Of a client on the same machine Envoy tells the address that the machine has for others.
      from(['127.0.0.0/8', ...ownAddresses]);
      expect(await send({ path: order, headers: bearer })).toMatchObject({ status: 200 });
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
      const [port] = ports().links;
      await stopLinkAt(port);
      await startLinkAt(port);
      expect(await send({ path: order, headers: bearer })).toMatchObject(undecided);
      expect(arrived).toEqual([]);
      configure();
      expect(await send({ path: order, headers: bearer })).toMatchObject({ status: 200 });
    });

    it('away, callers are told to come again', async () => {
      const [port] = ports().links;
      await stopLinkAt(port);
      expect(await send({ path: order, headers: bearer })).toMatchObject(undecided);
      expect(arrived).toEqual([]);
      await startLinkAt(port);
      configure();
      expect(await send({ path: order, headers: bearer })).toMatchObject({ status: 200 });
    });

    it(`restarted under load${subject.linksForRestart === 2 ? ', one of two' : ''}, no call is denied`, async () => {
      const [port, second] = ports().links;
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
