import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine, Ended } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
const run = (line: string, given = {}): Promise<Ended> => cli.run(line.split(' '), given);
const json = async <T>(line: string): Promise<T> => JSON.parse((await run(`${line} -o json`)).out) as T;

const consumers = ['alice', 'bert', 'carla'];
beforeAll(async () => {
  plane = await startTestControlPlane();
  cli = commandLine();
  await cli.run(['context', 'set', 'test', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
  for (const name of consumers)
    await plane.request('POST', '/v1/consumers', { body: { name, labels: { team: name === 'alice' ? 'a' : 'b', tier: 'x' } } });
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

/** A server that answers everything alike. */
async function answering(status: number, headers: Record<string, string> = {}, body = ''): Promise<{ url: string; server: Server }> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('usage', () => {
  it('sums up calls by what was asked for, by name, as a table, CSV and JSON', async () => {
    const { consumer_id: alice } = await json<{ consumer_id: string }>('get consumer alice');
    await plane.store.pool.query(
      `INSERT INTO usage_sum (tenant_id, window_start, gateway_id, api_id, operation_id, consumer_id, door, calls, errors, denied, duration_ms, request_bytes, response_bytes)
       SELECT tenant_id, now(), gen_random_uuid(), gen_random_uuid(), 'getOrder', id, 'mcp', 7, 1, 2, 4.5, 10, 20 FROM consumer WHERE id = $1`,
      [alice],
    );
    expect((await run('usage --by consumer')).out).toMatch(/^CONSUMER +CALLS +ERRORS +DENIED .*\nalice +7 +1 +2 /);
    expect((await run('usage --by consumer --consumer alice -o csv')).out).toBe(
      'consumer,calls,errors,denied,p50_ms,p95_ms,p99_ms,request_bytes,response_bytes\nalice,7,1,2,,,,10,20\n',
    );
    expect(await json('usage --consumer alice --interval day')).toMatchObject({ items: [{ consumer: 'alice', door: 'mcp', calls: 7 }] });
    expect(await run('usage --consumer bert')).toMatchObject({ code: 0, out: '' });
    expect(await run('usage --consumer nobody')).toMatchObject({ code: 5 });
    expect(await run('usage --by colour')).toMatchObject({ code: 2, err: expect.stringContaining('Allowed are api, operation') });
  });
});

describe('get', () => {
  it('prints a table, a wide one, names and CSV', async () => {
    expect((await run('get consumers')).out).toMatch(/^NAME +LABELS +KEY EXPIRES +CREATED\nalice +team=a,tier=x +- +\d{4}-/);
    expect((await run('get consumers -o wide')).out).toMatch(/^NAME +LABELS +KEY EXPIRES +TEAM +CREATED +ID\n/);
    expect((await run('get consumers -o name')).out).toBe(consumers.map((name) => `consumer/${name}\n`).join(''));
    expect((await run('get consumers -o csv')).out).toMatch(/^NAME,LABELS,KEY EXPIRES,TEAM,CREATED,ID\nalice,"team=a,tier=x",,-?,/);
    expect((await run('get consumers --no-headers')).out.split('\n')).toHaveLength(4);
  });

  it('shows how the gateway beside a Connect is, and when its first certificate ends', async () => {
    const gateways = asGateway(plane, await plane.mintGatewayKey());
    const { gateway_id } = (await gateways.register('kong-eu', { gateway_mode: 'connect', target_gateway: { type: 'kong' } })).body;
    const endsAtS = Math.floor(Date.now() / 1000) + 5 * 86_400;
    await gateways.observe(gateway_id, {
      target_gateway: { type: 'kong', version: '3.9.3' },
      health: { state: 'not_ready', reason: 'No database.' },
    });
    await gateways.heartbeat(gateway_id, { metrics: { target_up: 1, target_ready: 0, target_certificate_ends_at_seconds: endsAtS } });
    const day = new Date(endsAtS * 1000).toISOString().slice(0, 10);
    expect((await run('get gateways -o wide')).out).toMatch(
      new RegExp(`TARGET +TARGET HEALTH .*\\nkong-eu .*kong 3\\.9\\.3 +not ready, certificate ends ${day} `),
    );
    expect((await run('describe gateway kong-eu')).out).toMatch(
      /target_health:\n +state: not_ready\n +reason: No database\.\n +certificates: ending\n/,
    );
  });

  it('prints JSON and YAML as the server answers, a list with items and one alone', async () => {
    expect((await json<{ items: { name: string }[] }>('get consumers')).items.map(({ name }) => name)).toEqual(consumers);
    expect(await json('get consumer alice')).toMatchObject({ name: 'alice', labels: { team: 'a' } });
    expect((await run('get consumer alice -o yaml')).out).toMatch(/^consumer_id: .*\nname: alice\n/);
  });

  it('takes a name, an id and every word for a kind', async () => {
    const { consumer_id } = await json<{ consumer_id: string }>('get consumer bert');
    for (const word of ['consumer', 'consumers', 'Consumer']) expect((await run(`get ${word} ${consumer_id} -o name`)).out).toBe('consumer/bert\n');
    for (const line of ['get consumer/bert', 'get consumers bert']) expect((await run(`${line} -o name`)).out).toBe('consumer/bert\n');
    expect((await run('describe consumer/bert')).out).toContain('\nname: bert\n');
    expect(await run('describe consumer')).toMatchObject({ code: 2, err: expect.stringContaining('Name the consumer') });
    expect(await run('get consumrs/bert')).toMatchObject({ code: 2, err: expect.stringContaining('did you mean consumers?') });
    expect(await run('get consumrs')).toMatchObject({ code: 2, err: expect.stringContaining('did you mean consumers?') });
  });

  it('selects by labels, all of which must fit, and says which kind has none', async () => {
    expect((await run('get consumers -l team=b,tier=x -o name')).out).toBe('consumer/bert\nconsumer/carla\n');
    expect((await run('get consumers -l team=b -l tier=y -o name')).out).toBe('');
    expect(await run('get gateway-keys -l a=b')).toMatchObject({ code: 2, err: expect.stringContaining('no labels') });
    expect((await run('get consumers -l team')).code).toBe(2);
  });

  it('says on stderr that there are more, and pages by itself with --all', async () => {
    const part = await run('get consumers --limit 2 -o name');
    expect(part).toEqual({
      code: 0,
      out: 'consumer/alice\nconsumer/bert\n',
      err: 'These are the first 2, and there are more: --all shows them all.\n',
    });
    const asked: string[] = [];
    const proxy = createServer(async (request, response) => {
      asked.push(request.url ?? '');
      const url = new URL(request.url ?? '', plane.url);
      url.searchParams.set('limit', '2');
      const answer = await fetch(url, { headers: { authorization: request.headers.authorization ?? '' } });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    await cli.run(['context', 'set', 'paged', '--server', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, '--token-file', '-'], {
      stdin: plane.adminToken,
    });
    expect(await run('get consumers --all -o name')).toEqual({ code: 0, out: consumers.map((name) => `consumer/${name}\n`).join(''), err: '' });
    expect(asked).toHaveLength(2);
    proxy.close();
    await run('context use test');
  });

  it('watches: what there is, then what comes and goes, until it is interrupted', async () => {
    const stop = new AbortController();
    let seen = '';
    const watching = run('get consumers -w --interval 1 -o name', { signal: stop.signal, onOut: (text: string) => (seen += text) });
    await vi.waitFor(() => expect(seen).toContain('consumer/carla\n'));
    await plane.request('POST', '/v1/consumers', { body: { name: 'dora' } });
    await vi.waitFor(() => expect(seen).toContain('consumer/dora\n'), { timeout: 20_000 });
    stop.abort();
    expect(await watching).toMatchObject({ code: 0 });
    expect(seen.match(/alice/g)).toHaveLength(1);
    await run('delete consumer dora');
  });
});

describe('describe and delete', () => {
  it('tell all about one, and delete it', async () => {
    await plane.request('POST', '/v1/consumers', { body: { name: 'eve' } });
    expect((await run('describe consumer eve')).out).toMatch(/^kind: Consumer\nconsumer_id: .*\nname: eve\n/);
    expect(await run('delete consumer/eve')).toEqual({ code: 0, out: 'consumer/eve deleted\n', err: '' });
    expect((await run('get consumer eve')).code).toBe(5);
  });

  it('do not choose among several of one name', async () => {
    for (const name of ['twin', 'twin']) await plane.request('POST', '/v1/gateway-keys', { body: { name } });
    const { code, err } = await run('delete key twin');
    expect([code, err]).toEqual([2, expect.stringContaining('There is no kind key')]);
    const refused = await run('delete gateway-key twin');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('2 gateway-keys are called twin') });
    const [id] = /[0-9a-f-]{36}/.exec(refused.err) ?? [];
    expect((await run(`delete gateway-key ${id}`)).out).toBe('gateway-key/twin revoked\n');
  });
});

it('events tells of gateways that come, as a line and as JSON, and ends when it was told to', async () => {
  const stop = new AbortController();
  let seen = '';
  const following = run('events', { signal: stop.signal, onOut: (text: string) => (seen += text) });
  const json = run('events -o json --for 3');
  const key = await plane.mintGatewayKey();
  const registration = { instance_name: 'edge-1', gateway_mode: 'edge_mcp', version: '1', features: [], environment: 'test' };
  await vi.waitFor(
    async () => {
      await plane.request('POST', '/v1/internal/gateways/register', { token: key, body: { ...registration, instance_name: `edge-${Date.now()}` } });
      expect(seen).toMatch(/ {2}test\/edge-\d+ {2}edge_mcp {2}new → online\n/);
    },
    { timeout: 20_000, interval: 500 },
  );
  stop.abort();
  expect((await following).code).toBe(0);
  expect((await json).code).toBe(0);
});

describe('exit codes', () => {
  const context = (url: string) => cli.run(['context', 'set', 'strange', '--server', url, '--token-file', '-'], { stdin: plane.adminToken });
  const after = async (url: string): Promise<Ended> => {
    await context(url);
    const ended = await run('get apis');
    await run('context use test');
    return ended;
  };

  it('0: done', async () => expect((await run('get apis')).code).toBe(0));
  it('1: failed, as the server says with every fault', async () => {
    const { url, server } = await answering(
      400,
      { 'content-type': 'application/problem+json' },
      JSON.stringify({
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'It has 1 fault.',
        errors: [{ pointer: '/query/x', message: 'is wrong' }],
      }),
    );
    expect(await after(url)).toMatchObject({ code: 1, err: 'It has 1 fault.\n  /query/x is wrong\n' });
    server.close();
  });
  it('2: usage', async () => {
    for (const line of ['get', 'gett apis', 'get apis --frob', 'get apis -o xml', 'get apis --limit 0', '']) expect((await run(line)).code).toBe(2);
    expect((await cli.run([])).out).toContain('Usage: stoactl');
  });
  it('3: not signed in', async () => expect((await run('get apis', { env: { STOA_TOKEN: 'stoa_op_wrong' } })).code).toBe(3));
  it('4: forbidden', async () => {
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'viewer', role: 'viewer' } });
    expect(await run('delete consumer alice', { env: { STOA_TOKEN: body.secret } })).toMatchObject({
      code: 4,
      err: expect.stringContaining('administrator'),
    });
  });
  it('5: not found', async () => expect((await run('get api nobody')).code).toBe(5));
  it('6: conflict', async () => {
    const { url, server } = await answering(409, { 'content-type': 'application/problem+json' }, '{"status":409,"detail":"The name is taken."}');
    expect(await after(url)).toMatchObject({ code: 6, err: 'The name is taken.\n' });
    server.close();
  });
  it('7: unreachable, not a Control Plane, or not able to serve', async () => {
    const closed = await answering(200);
    await once(closed.server.close(), 'close');
    expect(await after(closed.url)).toMatchObject({ code: 7, err: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/) });
    for (const [status, headers, body] of [
      [200, { 'content-type': 'text/html' }, '<html>'],
      [404, { 'content-type': 'text/html' }, '<html>'],
      [302, { location: 'https://elsewhere.example' }, ''],
      [503, { 'content-type': 'application/problem+json' }, '{"status":503,"detail":"The database is away."}'],
    ] as const) {
      const { url, server } = await answering(status, headers, body);
      expect([status, (await after(url)).code]).toEqual([status, 7]);
      server.close();
    }
  });
});
