import { createServer } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { api, keyAuth, consumer, operation, perMinute, policy } from '../../testing/config.ts';
import { ackOf, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

// Policies that Kong's own plugins enforce, as a caller meets them.

let kong: KongBench;
const upstream = createServer((request, response) => {
  response.setHeader('x-internal', 'yes').setHeader('x-kept', 'upstream').setHeader('content-type', 'application/json');
  request.resume().on('end', () => response.end(JSON.stringify(request.headers)));
});
let url: string;
beforeAll(async () => void (url = await listen(upstream, { host: '127.0.0.1', port: 0 })));
afterAll(() => closeGracefully(upstream, 0));
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

const made = () => api('things', { url, operations: [operation('GET /things', 'list'), operation('POST /things', 'add')] });
const call = (init: RequestInit = {}): Promise<Response> => fetch(`${kong.simulator.proxyUrl}/things`, init);
const under = (spec: PolicySpec, name = 'rule') => policy(name, spec, made());

it('an address that is denied is refused, whatever is allowed, and what is not allowed is refused', async () => {
  await kong.pass([made(), under({ kind: 'ip_restriction', config: { allow: ['127.0.0.0/8'] } })]);
  expect((await call()).status).toBe(200);
  await kong.pass([made(), under({ kind: 'ip_restriction', config: { allow: ['127.0.0.0/8'], deny: ['127.0.0.1'] } })]);
  expect((await call()).status).toBe(403);
  await kong.pass([made(), under({ kind: 'ip_restriction', config: { deny: ['10.0.0.0/8'] } })]);
  expect((await call()).status).toBe(200);
  await kong.pass([made(), under({ kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } })]);
  expect((await call()).status).toBe(403);
});

it('a list that allows nobody is rejected: Kong would let everybody in', async () => {
  const rule = under({ kind: 'ip_restriction', config: { allow: [] } });
  expect(ackOf(await kong.pass([made(), rule]), rule)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('empty list') });
  expect((await call()).status).toBe(404);
});

it('a body beyond the smallest limit is refused with 413', async () => {
  const limits = [100, 10].map((max_bytes) => under({ kind: 'request_size_limit', config: { max_bytes } }, `at most ${max_bytes}`));
  const result = await kong.pass([made(), ...limits]);
  expect(ackOf(result, limits[0] ?? made())).toMatchObject({ state: 'applied_with_warnings', reason: expect.stringContaining('before 3.8') });
  expect((await call({ method: 'POST', body: 'x'.repeat(10) })).status).toBe(200);
  expect((await call({ method: 'POST', body: 'x'.repeat(11) })).status).toBe(413);
});

it('headers are set, whether they are there or not, and removed, on both ways', async () => {
  const config = {
    request: { set: { 'X-Channel': 'agents', 'X-Time': '12:30: now' }, remove: ['X-Secret'] },
    response: { set: { 'X-Kept': 'policy', 'X-New': 'too' }, remove: ['X-Internal'] },
  };
  expect((await kong.pass([made(), under({ kind: 'headers', config })])).outcome.state).toBe('applied');
  const answer = await call({ headers: { 'x-channel': 'people', 'x-secret': '1', 'x-other': '2' } });
  expect(await answer.json()).toMatchObject({ 'x-channel': 'agents', 'x-time': '12:30: now', 'x-other': '2' });
  const seen = await (await call({ headers: { 'x-secret': '1' } })).json();
  expect(seen).not.toHaveProperty('x-secret');
  expect(['x-internal', 'x-kept', 'x-new'].map((name) => answer.headers.get(name))).toEqual([null, 'policy', 'too']);
  kong.writes();
  await kong.pass([made(), under({ kind: 'headers', config })]);
  expect(kong.writes()).toEqual([]);
});

it.each([
  ['an empty value', { request: { set: { 'X-A': '' } } }, 'empty or begins with a colon'],
  ['a value that begins with a colon', { response: { set: { 'X-A': ':b' } } }, 'empty or begins with a colon'],
  ['the host', { request: { set: { HOST: 'a.example.com' } } }, 'header Host'],
  ['what Kong adds itself', { response: { remove: ['Via'] } }, 'when its plugins are done'],
])('%s is rejected with the reason: Kong would do something else', async (_what, config, reason) => {
  const rule = under({ kind: 'headers', config });
  expect(ackOf(await kong.pass([made(), rule]), rule)).toMatchObject({ state: 'rejected', reason: expect.stringContaining(reason) });
  expect(await kong.list('services')).toEqual([]);
});

it('a quota counts by the calendar beside a limit, each consumer by itself', async () => {
  const rules = [under({ kind: 'quota', config: { limit: 2, period: 'month' } }), perMinute(5, made()), keyAuth(made())];
  const callers = [consumer('one', 'key-of-one'), consumer('two', 'key-of-two')];
  expect((await kong.pass([made(), ...rules, ...callers])).outcome.state).toBe('applied');
  const [limits] = (await kong.list('plugins')).filter(({ name }) => name === 'rate-limiting');
  // Kong refuses a minute that allows more than its month does.
  expect(limits?.['config']).toMatchObject({ second: null, minute: 2, hour: null, day: null, month: 2, year: null, limit_by: 'consumer' });
  const statuses: number[] = [];
  for (const key of ['one', 'one', 'one', 'two']) statuses.push((await call({ headers: { 'x-api-key': `key-of-${key}` } })).status);
  expect(statuses).toEqual([200, 200, 429, 200]);
});

it('a quota without a Redis is warned of', async () => {
  const alone = await startKongBench({ settings: { kongRedisUrl: undefined } });
  const rule = under({ kind: 'quota', config: { limit: 2, period: 'day' } });
  const result = await alone.pass([made(), rule]);
  await alone.close();
  expect(ackOf(result, rule)).toMatchObject({ state: 'applied_with_warnings', reason: expect.stringContaining('when it restarts') });
});
