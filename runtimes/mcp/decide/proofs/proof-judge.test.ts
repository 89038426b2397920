import { beforeEach, describe, expect, it } from 'vitest';
import { SignJWT } from 'jose';
import { createLogger } from '@stoa/lib/log.ts';
import { Holder } from '../../testing/holder.ts';
import { createSharedProofs, SharedProofMemory } from './proof-memory.ts';
import type { ProofMemory, SharedProofs } from './proof-memory.ts';
import { ProofJudge } from './proof-judge.ts';
import type { ProofDemands } from './proof-judge.ts';
import { isSameUri } from './same-uri.ts';

const url = 'https://gateway.example/mcp';
const token = 'a.token.of-somebody';
const log = createLogger({ program: 'test', level: 'silent' });
const shared = createSharedProofs();
let nowMs: number;
let holder: Holder;
let judge: ProofJudge;
const judgeWith = ({ memory, nonceSecret }: SharedProofs, thread: number) =>
  new ProofJudge({ memory: new SharedProofMemory(memory, thread, () => nowMs), nonceSecret, now: () => nowMs, log });
beforeEach(async () => {
  nowMs = Date.now();
  holder = await Holder.make();
  judge = judgeWith(shared, 1);
});

const demands = (given: Partial<ProofDemands> = {}): ProofDemands => ({
  token,
  jkt: holder.jkt,
  method: 'POST',
  urls: [url],
  isNonceDemanded: false,
  ...given,
});
const reasonOf = async (proof: string | string[] | undefined, given: Partial<ProofDemands> = {}) => {
  const { jkt, fault } = await judge.judge(proof, demands(given));
  expect(jkt === undefined).toBe(fault !== undefined);
  return fault?.kind === 'bad' ? fault.reason : (fault?.kind ?? 'good');
};
const prove = (claims: object = {}, header: object = {}) => holder.prove(token, 'POST', url, claims, header);
const nowS = () => Math.floor(nowMs / 1000);

describe('a proof', () => {
  it.each(['ES256', 'ES512', 'EdDSA', 'PS256', 'RS256'])('signed by %s is good', async (alg) => {
    holder = await Holder.make(alg);
    expect(await reasonOf(await prove())).toBe('good');
  });

  it('is good once: by whichever thread it comes, and for as long as it would be taken', async () => {
    const proof = await prove();
    expect(await reasonOf(proof)).toBe('good');
    expect(await reasonOf(proof)).toBe('it was used before');
    judge = judgeWith(shared, 2);
    expect(await reasonOf(proof)).toBe('it was used before');
  });

  it('is good once however often it comes at the same time', async () => {
    const proof = await prove();
    const reasons = await Promise.all(Array.from({ length: 20 }, () => reasonOf(proof)));
    expect(reasons.filter((reason) => reason === 'good')).toHaveLength(1);
  });

  it('may have the id of another one’s proof', async () => {
    expect(await reasonOf(await prove({ jti: 'one' }))).toBe('good');
    holder = await Holder.make();
    expect(await reasonOf(await prove({ jti: 'one' }))).toBe('good');
  });

  it('may come by a clock that is half a minute ahead, and be a minute old', async () => {
    expect(await reasonOf(await prove({ iat: nowS() + 29 }))).toBe('good');
    expect(await reasonOf(await prove({ iat: nowS() - 59 }))).toBe('good');
  });

  it('is for any of the addresses that clients have for this place', async () => {
    expect(await reasonOf(await prove(), { urls: ['https://other.example/mcp', url] })).toBe('good');
  });

  const cases: [string, () => Promise<string | string[] | undefined>][] = [
    ['there is none', () => Promise.resolve(undefined)],
    ['there are several', async () => `${await prove()}, ${await prove()}`],
    ['it is too long', () => prove({ padding: 'x'.repeat(8_192) })],
    ['typ', () => prove({}, { typ: 'JWT' })],
    ['it names no key', () => prove({}, { jwk: undefined })],
    ['private key', async () => prove({}, { jwk: await holder.privateJwk() })],
    ['algorithm', () => new SignJWT({}).setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: holder.publicJwk }).sign(new Uint8Array(32))],
    ['another key', async () => (await Holder.make()).prove(token, 'POST', url)],
    ['not signed by its key', async () => (await Holder.make()).prove(token, 'POST', url, {}, { jwk: holder.publicJwk })],
    ['not signed by its key', async () => (await prove()).replace(/[^.]+$/, 'AAAA')],
    ['jti', () => prove({ jti: undefined })],
    ['jti', () => prove({ jti: 'x'.repeat(513) })],
    ['htm', () => prove({ htm: 'GET' })],
    ['htm', () => prove({ htm: 'post' })],
    ['htu', () => prove({ htu: 'https://gateway.example/apis/orders' })],
    ['htu', () => prove({ htu: 'https://evil.example/mcp' })],
    ['htu', () => prove({ htu: 'http://gateway.example/mcp' })],
    ['htu', () => prove({ htu: undefined })],
    ['iat', () => prove({ iat: nowS() - 62 })],
    ['iat', () => prove({ iat: nowS() + 32 })],
    ['iat', () => prove({ iat: undefined })],
    ['ath', () => prove({ ath: undefined })],
    ['ath', () => holder.prove('another token', 'POST', url)],
    ['well-formed', () => Promise.resolve('nonsense')],
  ];
  it.each(cases)('is none, and it is told why: %s', async (reason, make) => {
    expect(await reasonOf(await make())).toContain(reason);
  });

  it('of a place whose address nobody was told is none', async () => {
    expect(await reasonOf(await prove(), { urls: [] })).toContain('address');
  });

  it('that is good in all but one is not used up', async () => {
    const proof = await prove();
    expect(await reasonOf(proof, { method: 'GET' })).toContain('htm');
    expect(await reasonOf(proof)).toBe('good');
  });

  it('is neither good nor bad while it cannot be said whether it was used', async () => {
    const memory: ProofMemory = { isFirstUse: () => Promise.reject(new Error('away')) };
    judge = new ProofJudge({ memory, nonceSecret: new Uint8Array(32), now: () => nowMs, log });
    expect(await reasonOf(await prove())).toBe('undecided');
  });
});

describe('a nonce', () => {
  it('is demanded where that is said, and those of another thread are taken', async () => {
    expect(await reasonOf(await prove(), { isNonceDemanded: true })).toBe('nonce');
    const { nonce } = judgeWith(shared, 2);
    expect(await reasonOf(await prove({ nonce }), { isNonceDemanded: true })).toBe('good');
  });

  it('is another one every minute, and goes for a minute more', async () => {
    const { nonce } = judge;
    const after = async (ms: number) => {
      nowMs += ms;
      return reasonOf(await prove({ nonce, iat: nowS() }));
    };
    expect([await after(0), await after(60_000), await after(60_000)]).toEqual(['good', 'good', 'nonce']);
    expect(judge.nonce).not.toBe(nonce);
  });

  it('of nobody is refused even where none is demanded', async () => {
    expect(await reasonOf(await prove({ nonce: 'made-up' }))).toBe('nonce');
    expect(await reasonOf(await prove({ nonce: 7 }))).toBe('nonce');
    expect(await reasonOf(await prove({ nonce: judgeWith(createSharedProofs(), 1).nonce }))).toBe('nonce');
  });
});

describe('the address of a proof', () => {
  it.each([
    ['https://Gateway.Example:443/mcp', true],
    ['https://gateway.example/mcp?x=1#y', true],
    ['https://gateway.example/%6dcp', true],
    ['https://gateway.example/a/../mcp', true],
    ['https://gateway.example/mcp/', false],
    ['https://gateway.example/MCP', false],
    ['https://gateway.example:8443/mcp', false],
    ['https://user@gateway.example/mcp', false],
    ['/mcp', false],
  ])('%s is that of https://gateway.example/mcp: %s', (htu, is) => {
    expect(isSameUri(htu, url)).toBe(is);
  });

  it('keeps what its path says in triples, in whatever case they are', () => {
    expect(isSameUri('https://a.example/x%2fy', 'https://a.example/x%2Fy?z')).toBe(true);
    expect(isSameUri('https://a.example/x%2fy', 'https://a.example/x/y')).toBe(false);
  });
});
