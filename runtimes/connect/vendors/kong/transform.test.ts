import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { describe, expect, it } from 'vitest';
import { api, config, consumer, cors, idOf, keyAuth, operation, perMinute, policy } from '../../testing/config.ts';
import { createRenderer } from '../../engine/render.ts';
import { kongWithRedis } from './capabilities.ts';
import { kongTransform } from './transform.ts';

const nowMs = Date.parse('2026-11-22T12:00:00Z');
const render = (...items: Parameters<typeof config>[0]) =>
  createRenderer({ capabilities: kongWithRedis, transform: kongTransform() })(config(items), nowMs, new Map());
const fieldsOf = (rendered: ReturnType<typeof render>, kind: string) =>
  rendered.objects.filter((object) => object.kind === kind).map(({ fields }) => fields);

describe('services and routes', () => {
  it('the service has no path and the routes carry that of the upstream, so Kong exposes the same paths', () => {
    const rendered = render(api('orders', { url: 'https://api.example.com/base/', operations: [operation('GET /orders/{order_id}', 'getOrder')] }));
    expect(fieldsOf(rendered, 'service')).toMatchObject([{ name: 'stoa-orders', protocol: 'https', host: 'api.example.com', port: 443, path: null }]);
    expect(fieldsOf(rendered, 'route')).toMatchObject([
      { name: 'stoa-orders.getOrder', methods: ['GET'], paths: ['~/base/orders/(?<order_id>[^/#]+)$'], strip_path: false },
    ]);
  });

  it.each([
    ['/orders', '~/orders$'],
    ['/', '~/$'],
    ['/v1.0/a+b/(x)', '~/v1\\.0/a\\+b/\\(x\\)$'],
    ['/files/{name}.json', '~/files/(?<name>[^/#]+)\\.json$'],
    ['/a/{order-id}/b/{2nd}', '~/a/(?<order_id>[^/#]+)/b/(?<_2nd>[^/#]+)$'],
    ['/a/{x.y}/{x-y}', '~/a/(?<x_y>[^/#]+)/(?<x_y_2>[^/#]+)$'],
    ['/a/{id}/b/{id}', '~/a/(?<id>[^/#]+)/b/(?<id_2>[^/#]+)$'],
    ['/a/{größe}', '~/a/(?<gr__e>[^/#]+)$'],
    // Kong decodes a request's escapes, but for those of reserved characters, before it compares.
    ['/caf%c3%a9/%7Eme/a%2fb', '~/café/~me/a%2Fb$'],
    [`/a/{${'n'.repeat(40)}}`, `~/a/(?<${'n'.repeat(32)}>[^/#]+)$`],
  ])('the path %s becomes the regex %s', (path, regex) => {
    const [route] = fieldsOf(render(api('x', { operations: [operation(`GET ${path}`, 'op')] })), 'route');
    expect(route?.['paths']).toEqual([regex]);
    expect(new RegExp(regex.slice(1))).toBeInstanceOf(RegExp);
  });

  it('a literal path is tried before a template that would swallow it', () => {
    const rendered = render(api('x', { operations: [operation('GET /orders/{id}', 'one'), operation('GET /orders/latest', 'latest')] }));
    const [one, latest] = fieldsOf(rendered, 'route').map(({ regex_priority: priority }) => Number(priority));
    expect(latest).toBeGreaterThan(one ?? Infinity);
  });

  it('an operationId outside the character set of Kong is slugged, and two never share a name', () => {
    const operations = [operation('GET /a', 'GET /orders'), operation('GET /b', 'GET-orders'), operation('GET /c', 'GET:orders')];
    const names = fieldsOf(render(api('x', { operations })), 'route').map(({ name }) => String(name));
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^stoa-x\.GET-orders(-[0-9a-f]{8})?$/);
  });

  it.each([
    ['http://[2001:db8::1]:8080/v1', { protocol: 'http', host: '[2001:db8::1]', port: 8080 }, '~/v1/x$'],
    ['http://api.example.com', { protocol: 'http', host: 'api.example.com', port: 80 }, '~/x$'],
    ['https://API.example.com:443/a%20b/', { protocol: 'https', host: 'api.example.com', port: 443 }, '~/a b/x$'],
    ['https://bücher.example/(v1)', { protocol: 'https', host: 'xn--bcher-kva.example', port: 443 }, '~/\\(v1\\)/x$'],
  ])('the upstream %s becomes a service that Kong takes, and its path that of the routes', (url, service, path) => {
    const rendered = render(api('x', { url, operations: [operation('GET /x', 'x')] }));
    expect(fieldsOf(rendered, 'service')).toMatchObject([service]);
    expect(fieldsOf(rendered, 'route')).toMatchObject([{ paths: [path] }]);
  });

  it('HEAD and OPTIONS are routes as any other method', () => {
    const operations = [operation('HEAD /x', 'head'), operation('OPTIONS /x', 'options'), operation('GET /x', 'get')];
    expect(fieldsOf(render(api('x', { operations })), 'route').map(({ methods }) => methods)).toEqual([['HEAD'], ['OPTIONS'], ['GET']]);
  });

  it('an operation that cannot be a route is left out with a warning, and the others are exposed', () => {
    const orders = api('x', {
      operations: [
        operation('GET /a//b', 'empty'),
        operation('GET /ok', 'ok'),
        operation('GET /ok', 'again'),
        operation('TRACE /ok', 'trace'),
        operation('GET /other', 'ok'),
      ],
    });
    const rendered = render(orders);
    expect(fieldsOf(rendered, 'route')).toHaveLength(1);
    expect(rendered.warnings.map(({ itemId, reason }) => [itemId, reason])).toEqual([
      [orders.id, 'Operation empty is not exposed: its path has an empty or a dot segment, which Kong takes out of requests.'],
      [orders.id, 'Operation again is not exposed: another operation takes GET /ok.'],
      [orders.id, 'Operation trace is not exposed: nginx, which Kong is built on, answers every TRACE request with 405.'],
      [orders.id, 'Operation ok is not exposed: another operation has its operationId.'],
    ]);
  });

  it('of two APIs that take the same requests the second by item id is rejected, whatever their order', () => {
    const one = api('one', { operations: [operation('GET /same/{a}', 'x')] });
    const two = api('two', { operations: [operation('GET /same/{b}', 'y')] });
    const [first, second] = one.id < two.id ? [one, two] : [two, one];
    for (const items of [
      [one, two],
      [two, one],
    ]) {
      const { rejections } = render(...items);
      expect(rejections).toEqual([
        { itemId: second.id, phase: 'render', effect: 'hold', reason: expect.stringContaining(`GET /same/{} is taken by the API ${first.name}`) },
      ]);
    }
  });

  it.each([
    ['a header for the upstream', { url: 'http://h', auth: { header: 'X-Key', value: 'top-secret' } }],
    ['a query', { url: 'http://h/p?x=1' }],
    ['a password', { url: 'http://user:top-secret@h' }],
    ['another protocol', { url: 'ftp://h' }],
  ])('an upstream with %s is rejected without saying a secret', (_what, upstream) => {
    const { rejections } = render(api('x', { changes: { upstream } }));
    expect(rejections).toMatchObject([{ phase: 'render', effect: 'hold' }]);
    expect(JSON.stringify(rejections)).not.toContain('top-secret');
  });
});

describe('plugins', () => {
  const orders = api('orders');

  it('always send their scope, for without it Kong makes a plugin global', () => {
    const [service] = render(orders).objects;
    const plugins = fieldsOf(render(orders, keyAuth(orders), perMinute(5, orders), cors(orders)), 'plugin');
    expect(plugins).toHaveLength(4);
    for (const plugin of plugins) expect(plugin).toMatchObject({ service: { id: service?.id }, route: null, consumer: null });
  });

  it.each([
    [1, 'second'],
    [60, 'minute'],
    [3600, 'hour'],
    [86_400, 'day'],
  ])('a limit over %i s counts in the window %s', (window_s, window) => {
    const limit = policy('l', { kind: 'rate_limit', config: { limit: 5, window_s } }, orders);
    expect(fieldsOf(render(orders, limit), 'plugin')).toMatchObject([{ config: { [window]: 5, policy: 'local', limit_by: 'ip' } }]);
  });

  it('limits are counted by consumer where callers prove who they are', () => {
    const plugins = fieldsOf(render(orders, keyAuth(orders), perMinute(5, orders)), 'plugin');
    expect(plugins).toContainEqual(expect.objectContaining({ name: 'rate-limiting', config: expect.objectContaining({ limit_by: 'consumer' }) }));
  });

  it('several limits become one plugin with the strictest of each window, in an order that Kong accepts', () => {
    const limit = (name: string, count: number, window_s: number) => policy(name, { kind: 'rate_limit', config: { limit: count, window_s } }, orders);
    const items = [limit('a', 10, 60), limit('b', 8, 60), limit('c', 5, 3600), limit('d', 100, 1)];
    expect(fieldsOf(render(orders, ...items), 'plugin')).toMatchObject([{ config: { second: 5, minute: 5, hour: 5, day: null } }]);
  });

  it('a key is read from its header only and not passed on', () => {
    expect(fieldsOf(render(orders, keyAuth(orders)), 'plugin').slice(0, 1)).toMatchObject([
      { config: { key_names: ['X-API-Key'], key_in_header: true, key_in_query: false, key_in_body: false, hide_credentials: true, anonymous: null } },
    ]);
  });

  it("cors allows the API's own methods when it names none, and adds a route for preflights", () => {
    const rendered = render(orders, cors(orders));
    expect(fieldsOf(rendered, 'plugin')).toMatchObject([
      { config: { origins: ['https://app.example.com'], methods: ['GET', 'POST'], max_age: 600 } },
    ]);
    expect(fieldsOf(rendered, 'route').at(-1)).toMatchObject({
      methods: ['OPTIONS'],
      headers: { 'access-control-request-method': ['GET', 'POST'] },
      paths: ['~/orders$', '~/orders/(?<order_id>[^/#]+)$'],
    });
  });

  const refused: [string, PolicySpec][] = [
    ['jwt_auth', { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['a'] } }],
    ['tool_access', { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource);' } }],
    ['a limit over 90 s', { kind: 'rate_limit', config: { limit: 1, window_s: 90 } }],
    ['credentials for every origin', { kind: 'cors', config: { allow_origins: ['*'], allow_credentials: true } }],
    ['an origin that is a pattern to Kong', { kind: 'cors', config: { allow_origins: ['https://*.example.com'] } }],
    ['an empty list of headers', { kind: 'cors', config: { allow_origins: ['https://a.example.com'], allow_headers: [] } }],
    // A newer Control Plane may know more kinds than this version.
    ['an unknown kind', { kind: 'teleport', config: {} } as unknown as PolicySpec],
  ];
  it.each(refused)('%s is rejected, and the API it applies to with it; other APIs are not', (_what, spec) => {
    const other = api('other', { operations: [operation('GET /other')] });
    const bad = policy('bad', spec, orders);
    const fine = perMinute(5, orders, other);
    const { rejections, warnings, objects } = render(orders, other, bad, fine);
    expect(rejections).toEqual([
      expect.objectContaining({ itemId: bad.id, phase: 'render' }),
      expect.objectContaining({ itemId: orders.id, phase: 'render', effect: 'withdraw' }),
    ]);
    expect(warnings).toEqual([{ itemId: fine.id, phase: 'render', reason: 'It waits for APIs that were rejected: orders.' }]);
    expect(new Set(objects.map(({ owner }) => owner))).toEqual(new Set([other.id]));
  });

  it('lesson 17: a policy is found by the ids of its APIs and never by a name', () => {
    const namesake = policy('orders', { kind: 'rate_limit', config: { limit: 1, window_s: 60 } });
    expect(fieldsOf(render(orders, namesake), 'plugin')).toEqual([]);
  });

  it('two policies that would need two plugins of one name: the later is rejected, and the API', () => {
    const first = policy('first', { kind: 'api_key_auth', config: { header: 'X-One' } }, orders);
    const second = policy('second', { kind: 'api_key_auth', config: { header: 'X-Two' } }, orders);
    expect(render(orders, first, second).rejections.map(({ itemId }) => itemId)).toEqual([second.id, orders.id]);
  });
});

describe('consumers', () => {
  const orders = api('orders');

  it('are made only where some API asks for keys', () => {
    expect(fieldsOf(render(orders, consumer('agent', 'k')), 'consumer')).toEqual([]);
    expect(fieldsOf(render(orders, keyAuth(orders), consumer('agent', 'k')), 'consumer')).toMatchObject([{ username: 'stoa-agent' }]);
  });

  it('keep no expired key, and a key with an end carries it', () => {
    const agent = consumer('agent', 'old', 'new');
    const [old, recent] = agent.keys.map((key, index) => ({ ...key, expires_at: index === 0 ? '2026-11-22T11:59:59Z' : '2027-01-01T00:00:00Z' }));
    const rendered = render(orders, keyAuth(orders), { ...agent, keys: [old, recent].filter((key) => key !== undefined) });
    expect(fieldsOf(rendered, 'credential')).toMatchObject([{ key: 'new', tags: expect.arrayContaining(['stoa-expires:2027-01-01T00:00:00Z']) }]);
  });

  it('warn of a key that came without its secret', () => {
    const agent = consumer('agent');
    const keys = [{ key_id: idOf('k'), sha256: 'a'.repeat(64) }];
    expect(render(orders, keyAuth(orders), { ...agent, keys }).warnings).toMatchObject([{ itemId: agent.id, phase: 'render' }]);
  });
});
