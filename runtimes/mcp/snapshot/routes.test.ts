import { describe, expect, it } from 'vitest';
import { apiItem, compile, configOf, getOrder } from '../testing/fixtures.ts';

const doors = ['mcp', 'authz'] as const;

function router(...routes: [method: 'GET' | 'POST', path: string][]) {
  const operations = routes.map(([method, path], index) => {
    const operation = getOrder({ operation_id: `${method} ${path}`, method, path, bindings: [] });
    const bindings = Array.from(path.matchAll(/\{([^{}]+)\}/g), ([, name = '']) => ({ argument: name, in: 'path' as const, name, required: true }));
    return { ...operation, bindings, tool: { ...operation.tool, name: `tool_${index}` } };
  });
  const { snapshot } = compile(configOf(apiItem({ url: 'http://127.0.0.1:9', operations })), doors);
  return (method: string, path: string) => {
    const match = snapshot.matchRoute(method, path);
    return match.kind === 'match' ? match.operation.operationId : match.kind;
  };
}

describe('lesson 27: routes match whole segments', () => {
  const match = router(['GET', '/pay'], ['GET', '/orders/{id}'], ['POST', '/orders/{id}/lines']);

  it.each([
    ['/pay', 'GET /pay'],
    ['/payments', 'none'],
    ['/pay/', 'none'],
    ['/PAY', 'none'],
    ['/pay/1', 'none'],
    ['/orders/7', 'GET /orders/{id}'],
    ['/orders/', 'none'],
    ['/orders', 'none'],
    ['/orders/7/lines', 'none'],
    ['/orders/a%20b', 'GET /orders/{id}'],
  ])('GET %s is %s', (path, expected) => expect(match('GET', path)).toBe(expected));

  it.each([
    '/orders/a%2fb',
    '/orders/..',
    '/orders/%2e%2e',
    '/orders/.',
    '/orders//7',
    '/orders/a%5cb',
    '/orders/a\\b',
    '/orders/%252e',
    '/orders/%',
    '/orders/%ff',
    '/orders/a;b',
    '/orders/..%3Bx',
    'orders/7',
    '/orders/a b',
    `/orders/${'a'.repeat(9000)}`,
  ])('%s is refused, for others might read it differently', (path) => expect(match('GET', path)).toBe('refused'));

  it('the method counts', () => {
    expect([match('POST', '/orders/7/lines'), match('DELETE', '/orders/7'), match('get', '/pay')]).toEqual([
      'POST /orders/{id}/lines',
      'none',
      'none',
    ]);
  });
});

it('the most specific route wins, whatever the order', () => {
  const match = router(['GET', '/{any}/{thing}'], ['GET', '/orders/{id}'], ['GET', '/orders/{id}.json'], ['GET', '/orders/mine']);
  expect(['/orders/mine', '/orders/7', '/orders/7.json', '/x/7'].map((path) => match('GET', path))).toEqual([
    'GET /orders/mine',
    'GET /orders/{id}',
    'GET /orders/{id}.json',
    'GET /{any}/{thing}',
  ]);
});

it('lesson 27: a path that a more specific route has in another case is refused, for an upstream may not mind case', () => {
  const match = router(['GET', '/orders/{id}'], ['GET', '/orders/Export'], ['POST', '/orders/import']);
  expect(['/orders/Export', '/orders/export', '/orders/EXPORT', '/orders/import'].map((path) => match('GET', path))).toEqual([
    'GET /orders/Export',
    'refused',
    'refused',
    'GET /orders/{id}',
  ]);
});

it('the same route in two APIs is ambiguous, and the acknowledgement says so where paths are judged', () => {
  const [one, two] = [
    apiItem({ name: 'one', api_id: '0b0c5d0e-1111-4222-8333-444455556666' }),
    apiItem({ name: 'two', api_id: '1b0c5d0e-1111-4222-8333-444455556666' }),
  ];
  const second = { ...two, operations: two.operations.map((operation) => ({ ...operation, tool: { ...operation.tool, name: 'other' } })) };
  const { snapshot, items } = compile(configOf(one, second), doors);
  expect(snapshot.matchRoute('GET', '/v1/orders/7')).toEqual({ kind: 'ambiguous' });
  expect(items).toEqual([
    expect.objectContaining({ id: two.id, state: 'applied_with_warnings', reason: 'GET /v1/orders/{} is a route of one too: /authz denies it.' }),
  ]);
  expect(compile(configOf(one, second)).items).toEqual([]);
});

describe('HEAD', () => {
  const match = router(['GET', '/orders/{id}'], ['GET', '/orders/Export'], ['POST', '/lines']);

  it('may go wherever GET may, by the rules of GET', () => {
    expect(match('HEAD', '/orders/7')).toBe('GET /orders/{id}');
    expect(match('HEAD', '/orders/export')).toBe('refused');
    expect(match('HEAD', '/lines')).toBe('none');
  });
});

describe('operations of one path that a query tells apart', () => {
  const operations = [undefined, 'beta=true', 'beta=true&kind=a%20b'].map((query, index) => ({
    ...getOrder({ operation_id: query ?? 'plain', method: 'GET', path: '/chats', bindings: [] }),
    ...(query === undefined ? {} : { query }),
    tool: { ...getOrder().tool, name: `tool_${index}` },
  }));
  const { snapshot } = compile(configOf(apiItem({ url: 'http://127.0.0.1:9', operations })), doors);

  it.each([
    ['', 'plain'],
    ['beta=false', 'plain'],
    ['limit=3&beta=true', 'beta=true'],
    ['kind=a+b&beta=%74rue', 'beta=true&kind=a%20b'],
  ])('are found by it: %s', (query, expected) => {
    const match = snapshot.matchRoute('GET', '/chats', query);
    expect(match.kind === 'match' ? match.operation.operationId : match.kind).toBe(expected);
  });
});
