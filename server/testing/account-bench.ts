import { afterAll, beforeAll } from 'vitest';
import type { MintedPersonalToken } from '@stoa/generated/schemas.ts';
import { invite } from '../identity/invitations.ts';
import { joinUrl } from '../identity/paths.ts';
import { joinBy, signIn } from './person.ts';
import type { Person } from './person.ts';
import { ScriptedBrowser } from './scripted-browser.ts';
import { startTestControlPlane } from './test-control-plane.ts';
import type { TestControlPlane } from './test-control-plane.ts';

/** A Control Plane for the tests of a file, and people who join and sign in there. `plane` is there once a test runs. */
export function accountBench() {
  let plane: TestControlPlane;
  let last = 0;
  beforeAll(async () => {
    plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  });
  afterAll(() => plane.close());
  /** As the person who is signed in with this browser. */
  const by = (browser: ScriptedBrowser) => ({
    token: undefined,
    headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}`, origin: plane.url },
  });
  return {
    get plane() {
      return plane;
    },
    by,
    async newPerson(): Promise<Person> {
      last += 1;
      const { body } = await plane.request<{ url: string }>('POST', '/v1/invitations', { body: { roles: ['viewer'] } });
      return joinBy(plane, body.url, `person-${last}@example.com`);
    },
    async open(person: Person, to = '/account') {
      const browser = new ScriptedBrowser(plane.url);
      return { browser, page: await signIn(browser, await browser.open(`/sign-in/start?to=${encodeURIComponent(to)}`), person) };
    },
    session: (browser: ScriptedBrowser) =>
      plane.request('GET', '/v1/session', { token: undefined, headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}` } }),
    personalTokenOf: async (browser: ScriptedBrowser) =>
      (await plane.request<MintedPersonalToken>('POST', '/v1/users/me/tokens', { ...by(browser), body: { name: 'nightly' } })).body.secret,
    statusWith: async (token: string) => (await plane.request('GET', '/v1/apis', { token })).status,
    faultsIn: (text: string) => [...text.matchAll(/class="fault" id="([\w-]+)-fault"/g)].map(([, name]) => name),
    /** A tenant of this name, and an invitation into it. */
    async tenant(name: string, roles: string[], email?: string): Promise<{ id: string; link: string }> {
      const { pool } = plane.store;
      const { rows } = await pool.query<{ id: string }>('INSERT INTO tenant (name) VALUES ($1) RETURNING id', [name]);
      const id = rows[0]?.id ?? '';
      const { code } = await invite(pool, plane.context.keys, { tenantId: id, roles, email });
      return { id, link: joinUrl(plane.url, code) };
    },
  };
}
