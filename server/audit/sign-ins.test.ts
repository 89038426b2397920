import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '@stoa/generated/schemas.ts';
import { joinAsOwner, signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let owner: Person;

beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  owner = await joinAsOwner(plane);
});
afterAll(() => plane.close());

const list = async (query: string): Promise<AuditRecord[]> => (await plane.request<{ items: AuditRecord[] }>('GET', `/v1/audit${query}`)).body.items;
const ada = { kind: 'user', name: 'Ada' };

describe('the audit', () => {
  it('tells who joined, by which roles', async () => {
    expect(await list('?action=join')).toMatchObject([{ kind: 'change', actor: ada, detail: { roles: ['owner'] } }]);
  });

  it('tells who signed in, where a session began, and where it ended', async () => {
    const browser = new ScriptedBrowser(plane.url, { 'user-agent': 'Scripted 1.0' });
    await signIn(browser, await browser.open('/sign-in/start?to=/account'), owner);
    const cookie = `stoa_session=${browser.cookie('stoa_session')}`;
    expect((await plane.request('DELETE', '/v1/session', { token: undefined, headers: { cookie, origin: plane.url } })).status).toBe(204);
    const [ended, started, signedIn] = await list('?kind=sign-in&limit=3');
    expect(signedIn).toMatchObject({
      action: 'signIn',
      outcome: 'done',
      actor: { ...ada, client: 'Scripted 1.0' },
      detail: { by: 'password and second factor' },
    });
    expect(started).toMatchObject({ action: 'startSession', actor: ada, object: { kind: 'session' }, detail: { by: 'embedded issuer' } });
    expect(ended).toMatchObject({ action: 'deleteSession', actor: ada, object: { id: started?.object?.id }, detail: { ended: true } });
  });

  it('tells of sign-ins that failed, by the password and by the second factor, and counts those that are alike', async () => {
    const browser = new ScriptedBrowser(plane.url);
    let page = await browser.open('/sign-in/start');
    for (let attempt = 0; attempt < 3; attempt += 1) page = await browser.submit(page, { email: owner.email, password: 'a wrong one' });
    await browser.submit(await browser.submit(page, { email: owner.email, password: owner.password }), { code: '000000' });
    await plane.context.audit.counted.stop();
    const failed = await list('?kind=sign-in&outcome=failed');
    expect(failed.map(({ detail }) => detail)).toEqual([{ step: 'password', count: 2 }, { step: 'second factor' }, { step: 'password' }]);
    expect(failed[0]).toMatchObject({ actor: { kind: 'nobody' }, object: { kind: 'user', name: 'Ada' } });
  });

  it('tells of a sign-in by the link of a token', async () => {
    const { body } = await plane.request<{ url: string }>('POST', '/v1/sign-in-links');
    const code = new URL(body.url).hash.slice('#code='.length);
    await plane.request('POST', '/v1/session', { token: undefined, body: { code } });
    expect(await list('?action=createSession')).toMatchObject([
      { kind: 'sign-in', actor: { kind: 'token', name: 'first owner' }, detail: { by: 'link' } },
    ]);
    expect((await plane.request('GET', '/v1/audit/verification')).body).toMatchObject({ intact: true });
  });
});
