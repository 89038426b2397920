import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { guideBlock } from './testing/gateway-process.ts';

type Middleware = {
  readonly headers?: { readonly customRequestHeaders: Record<string, string> };
  readonly forwardAuth?: { readonly address: string; readonly trustForwardHeader: boolean; readonly authResponseHeaders: string[] };
};
type Guide = { http: { routers: Record<string, { rule: string; middlewares: string[] }>; middlewares: Record<string, Middleware> } };

// No Traefik is run here: this holds what its guide writes against what the documentation of its middlewares says that they do.
const { http } = parse(guideBlock('link-with-traefik.md', 'yaml')) as Guide;
const [router] = Object.values(http.routers);
const order = router?.middlewares.map((name) => http.middlewares[name]) ?? [];
const asks = order.findIndex((middleware) => middleware?.forwardAuth !== undefined);
/** The headers that are removed in a part of the chain: Traefik removes those whose value is empty. */
const removed = (part: typeof order): string[] =>
  part.flatMap((middleware) =>
    Object.entries(middleware?.headers?.customRequestHeaders ?? {}).flatMap(([name, value]) => (value === '' ? [name] : [])),
  );

it('the guide of Traefik asks Link, and copies what it answers', () => {
  expect(order[asks]?.forwardAuth).toMatchObject({
    address: 'http://127.0.0.1:8082/authz',
    trustForwardHeader: false,
    authResponseHeaders: ['X-Stoa-Consumer', 'X-Stoa-Api', 'X-Stoa-Operation'],
  });
});

it("it removes the consumer's key after the question, and what a caller must not say before", () => {
  expect(removed(order.slice(asks))).toEqual(expect.arrayContaining(['Authorization', 'X-API-Key']));
  expect(removed(order.slice(0, asks))).toEqual(
    expect.arrayContaining(['X-Original-Method', 'X-Original-URI', 'X-Original-Content-Length', 'X-Forwarded-Prefix']),
  );
  expect(removed(order.slice(0, asks))).not.toContain('Authorization');
});

it('it asks on the hosts of the API alone', () => {
  expect(router?.rule).toMatch(/^Host\(`[^`]+`\)( \|\| Host\(`[^`]+`\))*$/);
});
