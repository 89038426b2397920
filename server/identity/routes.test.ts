import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { identityPages, issuerRoutes, pagesOf } from './routes.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => plane.close());

type Layer = { route?: { path: string | string[] }; handle?: { stack?: Layer[] } };
const pathsOf = (stack: Layer[]): string[] =>
  stack.flatMap(({ route, handle }) => [...(route ? [route.path].flat() : []), ...pathsOf(handle?.stack ?? [])]);

describe('what is open without a credential of the contract', () => {
  it('are the routes of the issuer and its pages in their table, and nothing else below them', async () => {
    const app = createApp(plane.context) as Express & { router: { stack: Layer[] } };
    const tabled = [
      ...issuerRoutes.map(({ path }) => `/oidc${path}`),
      ...pagesOf('embedded').map(({ path }) => path),
      '/oidc/style.css',
      '/.well-known/openid-configuration/oidc',
      '/.well-known/oauth-authorization-server/oidc',
    ];
    const routed = pathsOf(app.router.stack).filter((path) => /^\/(?:oidc|\.well-known|join|account|sign-in\/)/.test(path));
    expect([...new Set(routed)].sort()).toEqual([...new Set(tabled)].sort());
  });

  it.each(['/oidc', '/oidc/', '/oidc/me', '/oidc/token/introspection', '/oidc/session/end', '/oidc/interaction', '/oidc/TOKEN'])(
    'is not %s, of which the issuer is never asked',
    async (path) => {
      for (const method of ['GET', 'POST']) expect((await plane.request(method, path, { token: undefined })).status).toBe(404);
    },
  );

  it('names for each the standard that says what it is like, or its purpose', () => {
    expect(issuerRoutes.filter(({ standard }) => !/^(?:RFC \d+|OpenID Connect)/.test(standard))).toEqual([]);
    expect(identityPages.filter(({ purpose }) => purpose === '')).toEqual([]);
  });

  it('opens nothing of the contract: an operation without a credential stays 401', async () => {
    expect((await plane.request('GET', '/v1/apis', { token: undefined })).status).toBe(401);
  });
});

describe('a form', () => {
  it('of a page of another site is refused', async () => {
    const response = await fetch(`${plane.url}/join`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ code: 'x' }),
    });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('another site')]);
  });

  it('of an interaction that was begun in another browser is refused on a page', async () => {
    const response = await fetch(`${plane.url}/oidc/interaction/somebody-elses/password`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'a@b' }),
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('opened in another browser')]);
  });

  it('that is larger than any of ours is refused', async () => {
    const response = await fetch(`${plane.url}/join`, { method: 'POST', body: new URLSearchParams({ code: 'x'.repeat(20_000) }) });
    expect(response.status).toBe(413);
  });
});
