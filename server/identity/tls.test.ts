import { join } from 'node:path';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askForToken, codeFor, commandLine } from '../testing/oauth-client.ts';
import { joinAsOwner, signIn } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

const tls = (name: string) => join(import.meta.dirname, '../../lib/testing/tls', name);
let plane: TestControlPlane;
beforeAll(async () => {
  trustAuthorities(tls('ca.pem'));
  plane = await startTestControlPlane({ STOA_TLS_CERT_FILE: tls('server.pem'), STOA_TLS_KEY_FILE: tls('server.key') });
});
afterAll(() => plane.close());

it('over TLS a person joins, signs in to the Console with a cookie for TLS alone, and lets the command line in', async () => {
  expect(plane.url).toMatch(/^https:/);
  const owner = await joinAsOwner(plane);
  const browser = new ScriptedBrowser(plane.url);
  expect((await signIn(browser, await browser.open('/sign-in/start?to=/account'), owner)).url).toBe(`${plane.url}/account`);
  const cookie = await fetch(`${plane.url}/sign-in/start`, { redirect: 'manual' }).then(({ headers }) => headers.getSetCookie()[0]);
  expect(cookie).toMatch(/HttpOnly; SameSite=Lax;.*Secure/);
  const issuer = `${plane.url}/oidc`;
  const { token_endpoint } = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as { token_endpoint: string };
  expect(token_endpoint).toBe(`${issuer}/token`);
  const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
  expect((await plane.request('GET', '/v1/session', { token: body.access_token })).status).toBe(200);
});
