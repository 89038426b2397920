import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IssuerError } from './issuer-error.ts';
import { signInByDevice } from './sign-in.ts';

const issuer = 'https://issuer.example';
const metadata = { issuer, token_endpoint: `${issuer}/token`, device_authorization_endpoint: `${issuer}/device` };
const begun = { device_code: 'd', user_code: 'BCDF-GHJK', verification_uri: `${issuer}/type`, expires_in: 600, interval: 2 };
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const refused = (error: string) => json(400, { error });
const token = () => json(200, { access_token: 'a', token_type: 'Bearer', refresh_token: 'r', expires_in: 600 });

/** An issuer that answers each question about the code by the next of `answers`, and notes when it was asked. */
function issuerOf(answers: (() => Response)[], of: object = metadata) {
  const askedAtS: number[] = [];
  const startMs = Date.now();
  const ask = async (url: string): Promise<Response> => {
    if (url.includes('/.well-known/')) return json(200, of);
    if (url === `${issuer}/device`) return json(200, begun);
    askedAtS.push((Date.now() - startMs) / 1000);
    return answers.shift()?.() ?? refused('authorization_pending');
  };
  return { ask, askedAtS };
}
const signIn = ({ ask }: ReturnType<typeof issuerOf>, shown: string[] = []) =>
  signInByDevice(
    { offer: { issuer, client_id: 'stoactl', scopes: ['stoa:api'] }, ask, parameters: {}, signal: new AbortController().signal },
    ({ code, uri }) => shown.push(`${code} at ${uri}`),
  );

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

describe('signing in by a device code', () => {
  it('asks as often as the issuer says, and five seconds slower once it is told to slow down', async () => {
    const pending = () => refused('authorization_pending');
    const at = issuerOf([pending, () => refused('slow_down'), pending, token]);
    const shown: string[] = [];
    const kept = signIn(at, shown);
    // What it needs is loaded by then, which takes no time that is faked.
    while (shown.length === 0) await turn();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await kept).toMatchObject({ access_token: 'a', refresh_token: 'r', issuer, client_id: 'stoactl' });
    expect(at.askedAtS).toEqual([2, 4, 11, 18]);
    expect(shown).toEqual([`BCDF-GHJK at ${issuer}/type`]);
  });

  it.each([
    ['access_denied', 'The sign-in was refused.'],
    ['expired_token', 'The code was not typed in time.'],
  ])('ends when the issuer answers %s', async (code, words) => {
    const shown: string[] = [];
    const ended = signIn(issuerOf([() => refused(code)]), shown).catch((error: unknown) => error);
    while (shown.length === 0) await turn();
    await vi.advanceTimersByTimeAsync(3000);
    expect(await ended).toMatchObject({ kind: 'refused', message: words });
  });

  it('says so when the issuer signs no devices in', async () => {
    await expect(signIn(issuerOf([], { issuer, token_endpoint: `${issuer}/token` }))).rejects.toThrow('signs no devices in');
  });

  it('takes no issuer for another', async () => {
    const ended = await signIn(issuerOf([], { ...metadata, issuer: 'https://other.example' })).catch((error: unknown) => error);
    expect(ended).toBeInstanceOf(IssuerError);
    expect(ended).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('does not answer as it should') });
  });
});
