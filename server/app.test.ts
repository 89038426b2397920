import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '@stoa/generated/operations.ts';
import { createApp } from './app.ts';
import { startTestControlPlane } from './testing/test-control-plane.ts';
import type { TestControlPlane } from './testing/test-control-plane.ts';

type Layer = { route?: { path: string | string[]; methods: Record<string, boolean> }; handle: { stack?: Layer[] } };

/** Every route that a stack of Express reaches, as `GET /path`. */
function routesOf(stack: Layer[]): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (handle.stack) return routesOf(handle.stack);
    if (!route) return [];
    return [route.path].flat().flatMap((path) => Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${path}`));
  });
}

/** What `server/identity/routes.ts` has in a table, which a test of its own holds. */
const isOfIdentity = (route: string): boolean => /^\w+ \/(?:oidc|\.well-known|join|account|sign-in\/)/.test(route);

describe('the routes of the Control Plane', () => {
  let plane: TestControlPlane;
  beforeAll(async () => {
    plane = await startTestControlPlane();
  });
  afterAll(() => plane.close());

  it('are the operations of the contract, those of identity and, for anybody to read, its documents, their reference and the files of the Console', () => {
    const documented = Object.values(operations).map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    const routes = new Set(routesOf((createApp(plane.context).router as unknown as { stack: Layer[] }).stack));
    expect(documented.filter((route) => !routes.has(route))).toEqual([]);
    const others = [...routes].filter((route) => !documented.includes(route) && !route.startsWith('_ALL ') && !isOfIdentity(route));
    expect(others.sort()).toEqual([
      'GET /',
      'GET /access/:page{/:thing}',
      'GET /apis{/:thing}{/:part}',
      'GET /approvals',
      'GET /docs',
      'GET /docs/reference.css',
      'GET /docs/reference.js',
      'GET /docs/registration',
      'GET /docs/runtime',
      'GET /favicon.svg',
      'GET /gateways/:page',
      'GET /home',
      'GET /mcp-servers',
      'GET /observe/:page',
      'GET /openapi.json',
      'GET /openapi/management.json',
      'GET /openapi/registration.json',
      'GET /openapi/runtime.json',
      'GET /sign-in',
    ]);
  });

  it('that are not operations tell nothing of a tenant', async () => {
    await plane.mintGatewayKey({ name: 'a name that only this tenant knows' });
    for (const path of ['/openapi.json', '/docs', '/docs/registration', '/docs/runtime', '/openapi/management.json']) {
      const text = await (await fetch(plane.url + path)).text();
      expect(text.length).toBeGreaterThan(100);
      expect(text).not.toContain('a name that only this tenant knows');
    }
  });
});
