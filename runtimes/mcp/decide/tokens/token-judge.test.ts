import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { exportSPKI, importJWK, UnsecuredJWT } from 'jose';
import type { TokenRules, TrustedIssuerItem } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { compile, configOf, consumerItem } from '../../testing/fixtures.ts';
import { TestIssuer } from '../../testing/issuer.ts';
import { bearing } from '../proofs/possession.ts';
import { TokenJudge } from './token-judge.ts';
import type { TokenJudgeOptions } from './token-judge.ts';

const resource = 'http://gateway.test/mcp';
const isOurs = (audience: string): boolean => audience === resource;
const agent = consumerItem('support-agent').item;
const other = consumerItem('other').item;
const log = createLogger({ program: 'test', level: 'silent' });
let issuer: TestIssuer;
let nowMs: number;
/** What an answer of the issuer's waits for. */
let holdUp: ((target: string) => Promise<void> | undefined) | undefined;
beforeEach(async () => {
  issuer = new TestIssuer();
  nowMs = Date.now();
  holdUp = undefined;
  await issuer.addKey('ES256', 'one');
});

function judgeOf(...items: TrustedIssuerItem[]) {
  const { snapshot } = compile(configOf(agent, other, ...items));
  const fetch: TokenJudgeOptions['fetch'] = async (target, request) => {
    const answer = issuer.fetch(target, request);
    await holdUp?.(String(target));
    return answer;
  };
  const judge = new TokenJudge({ fetch, now: () => nowMs, log });
  const whoIs = async (token: string, of = snapshot, network = 'here') => {
    await judge.judge(of, token, () => network);
    return judge.callerOf(of, token, isOurs, bearing)?.consumerName ?? null;
  };
  return { judge, snapshot, whoIs };
}
const trusting = (rules: Partial<TokenRules> = {}, introspection?: TrustedIssuerItem['introspection']) => judgeOf(issuer.item(rules, introspection));
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  it.each(['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA'])('signed by %s is of the consumer that the rules name', async (alg) => {
    await issuer.addKey(alg);
    expect(await trusting().whoIs(await issuer.sign())).toBe('support-agent');
  });

  it('is of whom the first rule that fits names, by a value, by one of a list below another member, or by itself', async () => {
    const consumers = [
      { claim: 'realm.roles', value: 'night', consumer: 'other' },
      { claim: 'azp', value: 'helpdesk', consumer: 'support-agent' },
      { claim: 'agent' },
    ];
    const { whoIs } = trusting({ consumers });
    expect(await whoIs(await issuer.sign({ realm: { roles: ['day', 'night'] } }))).toBe('other');
    expect(await whoIs(await issuer.sign())).toBe('support-agent');
    expect(await whoIs(await issuer.sign({ azp: 'x', agent: 'other' }))).toBe('other');
    expect(await whoIs(await issuer.sign({ azp: 'x', agent: ['other', 'support-agent'] }))).toBe(null);
    expect(await whoIs(await issuer.sign({ azp: 'x', agent: 'nobody' }))).toBe(null);
  });

  it('is for us by its audience, one of several, or by one that the rules accept', async () => {
    const { whoIs } = trusting({ audiences: ['orders'] });
    expect(await whoIs(await issuer.sign({ aud: ['account', resource] }))).toBe('support-agent');
    expect(await whoIs(await issuer.sign({ aud: 'orders' }))).toBe('support-agent');
  });

  it('may be of a clock that differs by the seconds that are allowed', async () => {
    const now = Math.floor(nowMs / 1000);
    const { whoIs } = trusting({ clock_skew_s: 20 });
    expect(await whoIs(await issuer.sign({ iat: now + 15, nbf: now + 15 }))).toBe('support-agent');
    expect(await whoIs(await issuer.sign({ exp: now - 15 }))).toBe('support-agent');
    expect(await whoIs(await issuer.sign({ exp: now - 25 }))).toBe(null);
  });

  it('is judged once, and is good no longer than until it expires', async () => {
    const { judge, snapshot, whoIs } = trusting({ clock_skew_s: 0 });
    const token = await issuer.sign();
    expect(await whoIs(token)).toBe('support-agent');
    const asked = issuer.asked.length;
    expect(judge.judge(snapshot, token, () => 'here')).toBeUndefined();
    nowMs += 299_000;
    expect(await whoIs(token)).toBe('support-agent');
    nowMs += 2_000;
    expect(await whoIs(token)).toBe(null);
    expect(issuer.asked).toHaveLength(asked);
  });

  it('is nobody’s once its issuer is trusted no more, or its consumer is gone', async () => {
    const { whoIs } = trusting();
    const token = await issuer.sign();
    expect(await whoIs(token)).toBe('support-agent');
    expect(await whoIs(token, compile(configOf(agent)).snapshot)).toBe(null);
    expect(await whoIs(token, compile(configOf(other, issuer.item())).snapshot)).toBe(null);
  });
});

/** What is tried on whoever judges tokens (RFC 8725, OWASP "JSON Web Token"). Each is refused; the token of the first line, which differs from each in one thing, is good. */
describe('a token is refused', () => {
  const now = (): number => Math.floor(nowMs / 1000);
  const cases: [string, () => Promise<string> | string][] = [
    [
      'without a signature, by the algorithm none',
      () => new UnsecuredJWT({ iss: issuer.issuer, aud: resource, azp: 'helpdesk', sub: 'ada', exp: now() + 300 }).encode(),
    ],
    ['whose signature was taken away', async () => (await issuer.sign()).replace(/[^.]+$/, '')],
    [
      'by a shared secret that is the public key (algorithm confusion)',
      async () => {
        const [key] = issuer.keys;
        const pem = await exportSPKI((await importJWK(key?.publicJwk ?? {}, 'ES256')) as CryptoKey);
        const [, payload = ''] = (await issuer.sign()).split('.');
        const head = `${encoded({ alg: 'HS256', typ: 'JWT', kid: 'one' })}.${payload}`;
        return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
      },
    ],
    [
      'whose payload was changed',
      async () =>
        (await issuer.sign())
          .split('.')
          .map((part, index) => (index === 1 ? encoded({ iss: issuer.issuer, aud: resource, azp: 'helpdesk', exp: now() + 9_999 }) : part))
          .join('.'),
    ],
    [
      'by a key of somebody else under a name of the issuer’s',
      async () => issuer.sign({}, {}, { ...(await new TestIssuer().addKey('ES256', 'one')) }),
    ],
    [
      'that brings its own key along',
      async () => {
        const own = await new TestIssuer().addKey('ES256', 'one');
        return issuer.sign({}, { jwk: own.publicJwk, jku: 'https://id.example.com/mine', x5u: 'https://id.example.com/mine' }, own);
      },
    ],
    ['that names a key that there is not', async () => issuer.sign({}, { kid: '../../one' })],
    ['that names a key by a list', async () => issuer.sign({}, { kid: ['one'] })],
    ['with an extension that must be understood', () => Promise.resolve(`${encoded({ alg: 'ES256', kid: 'one', crit: ['exp'], exp: 1 })}.e30.AA`)],
    [
      'of another issuer, signed by its own good key',
      async () => {
        const stranger = new TestIssuer('https://elsewhere.example.com');
        return stranger.sign({}, {}, await stranger.addKey());
      },
    ],
    ['of another issuer that uses our issuer’s name with a slash', () => issuer.sign({ iss: `${issuer.issuer}/` })],
    ['for another audience', () => issuer.sign({ aud: 'http://gateway.test' })],
    ['whose audience only begins as ours', () => issuer.sign({ aud: `${resource}.elsewhere.example.com` })],
    ['for nobody in particular', () => issuer.sign({ aud: undefined })],
    ['that has expired', () => issuer.sign({ exp: now() - 31 })],
    ['that never expires', () => issuer.sign({ exp: undefined })],
    ['that is not good yet', () => issuer.sign({ nbf: now() + 60 })],
    ['of the future', () => issuer.sign({ iat: now() + 60 })],
    ['that is an ID token by its payload', () => issuer.sign({ typ: 'ID' })],
    ['that is an ID token by its claims', () => issuer.sign({ at_hash: 'AAAA', nonce: 'n' })],
    ['that is a refresh token', () => issuer.sign({ typ: 'Refresh' })],
    ['that is a log-out token', () => issuer.sign({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, { typ: 'logout+jwt' })],
    ['that tells of an event', () => issuer.sign({ events: {} })],
    ['that is bound to a key which nobody shows', () => issuer.sign({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } })],
    ['that is bound to what is no thumbprint', () => issuer.sign({ cnf: { jkt: 'AAAA' } })],
    ['that is bound to what nobody can prove here', () => issuer.sign({ cnf: { jwk: { kty: 'OKP' } } })],
    ['that is bound to nothing at all', () => issuer.sign({ cnf: {} })],
    ['that is bound by what Keycloak calls it', () => issuer.sign({ typ: 'DPoP' })],
    ['of another tenant', () => issuer.sign({ tenant: 'theirs' })],
    ['of no tenant', () => issuer.sign({ tenant: undefined })],
    ['issued to another client', () => issuer.sign({ azp: 'unknown-client' })],
    ['that is longer than any', () => issuer.sign({ padding: 'x'.repeat(17_000) })],
    ['that is nonsense', () => 'a.b.c'],
    ['that is opaque, where nobody is asked', () => 'an-opaque-token'],
  ];
  const rules = { required_claims: [{ claim: 'tenant', values: ['ours'] }], authorized_parties: ['helpdesk'] };
  const signed = TestIssuer.prototype.sign;
  beforeEach(() => {
    // Good but for what a case changes.
    issuer.sign = (claims = {}, ...rest) => signed.call(issuer, { tenant: 'ours', ...claims }, ...rest);
  });

  it('never where all is as it should be', async () => {
    expect(await trusting(rules).whoIs(await issuer.sign())).toBe('support-agent');
    expect(await trusting(rules).whoIs(await issuer.sign({ typ: 'Bearer', nonce: 'n' }, { typ: 'at+jwt' }))).toBe('support-agent');
  });

  it.each(cases)('%s', async (_what, make) => {
    expect(await trusting(rules).whoIs(await make())).toBe(null);
  });

  it('bound to no key, where that is demanded of tokens of the issuer', async () => {
    expect(await trusting({ ...rules, dpop_bound_access_tokens_required: true }).whoIs(await issuer.sign())).toBe(null);
  });

  it('signed by an algorithm that is not among those that are pinned, without a question to the issuer', async () => {
    await issuer.addKey('RS256');
    expect(await trusting({ algorithms: ['ES256'] }).whoIs(await issuer.sign())).toBe(null);
    expect(issuer.asked).toEqual([]);
  });

  it('signed by a key that the issuer took back, once that is known', async () => {
    const { whoIs } = trusting();
    const token = await issuer.sign();
    expect(await whoIs(token)).toBe('support-agent');
    issuer.keys = [];
    await issuer.addKey('ES256', 'two');
    expect(await whoIs(await issuer.sign())).toBe('support-agent');
    expect(await whoIs(token)).toBe(null);
  });
});

describe('the keys of an issuer', () => {
  it('are at another origin where its metadata says so, and are not believed from the metadata of another issuer', async () => {
    issuer.endpoints = 'https://keys.example.net/agents';
    expect(await trusting().whoIs(await issuer.sign())).toBe('support-agent');
    const { judge, snapshot, whoIs } = judgeOf(issuer.item({ discovery_url: 'https://id.example.com/x/.well-known/openid-configuration' }));
    const token = await issuer.sign();
    issuer.issuer = 'https://somebody.example.com';
    expect(await whoIs(token)).toBe(null);
    expect(judge.isUndecided(snapshot, token)).toBe(true);
  });

  it('are asked for once for many tokens at once, and once more for a token that names another, not for each', async () => {
    const { whoIs } = trusting();
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => issuer.sign({ jti: String(n) })));
    expect(await Promise.all(tokens.map((token) => whoIs(token)))).toEqual(tokens.map(() => 'support-agent'));
    expect(issuer.asked.filter((path) => path.endsWith('/keys'))).toHaveLength(1);
    const strange = await Promise.all(Array.from({ length: 20 }, (_, n) => issuer.sign({ jti: String(n) }, { kid: `kid-${n}` })));
    expect(await Promise.all(strange.map((token) => whoIs(token)))).toEqual(strange.map(() => null));
    expect(issuer.asked.filter((path) => path.endsWith('/keys')).length).toBeLessThanOrEqual(2);
  });

  it('say nothing while the issuer is away: such a token is neither good nor bad', async () => {
    const { judge, snapshot, whoIs } = trusting();
    const token = await issuer.sign();
    issuer.isAway = true;
    expect(await whoIs(token)).toBe(null);
    expect(judge.isUndecided(snapshot, token)).toBe(true);
  });

  it('say nothing of a token by a new key while the issuer is away, be it asked or not, and let in by the keys that are known', async () => {
    const { judge, snapshot, whoIs } = trusting();
    expect(await whoIs(await issuer.sign())).toBe('support-agent');
    const known = await issuer.sign({ jti: 'known' });
    await issuer.addKey();
    issuer.isAway = true;
    const [asked, notAsked] = [await issuer.sign({ jti: 'asked' }), await issuer.sign({ jti: 'not asked' })];
    for (const token of [asked, notAsked]) {
      expect(await whoIs(token)).toBe(null);
      expect(judge.isUndecided(snapshot, token)).toBe(true);
    }
    expect(await whoIs(known)).toBe('support-agent');
  });
});

describe('an issuer that is asked about tokens', () => {
  const introspection = { client_id: 'gate way', client_secret: 'se:cret' };
  const told = { active: true, sub: 'ada', azp: 'helpdesk', aud: resource, scope: 'mcp:tools' };

  it('says whose an opaque token is, for a minute at most', async () => {
    issuer.introspect = (token) => (token === 'opaque' ? told : { active: false });
    const { whoIs } = trusting({}, introspection);
    expect([await whoIs('opaque'), await whoIs('unknown')]).toEqual(['support-agent', null]);
    issuer.introspect = () => ({ active: false });
    expect(await whoIs('opaque')).toBe('support-agent');
    nowMs += 61_000;
    expect(await whoIs('opaque')).toBe(null);
  });

  it('completes a token that says too little, and is not asked about one that says enough', async () => {
    issuer.introspect = () => told;
    const { whoIs } = trusting({}, introspection);
    expect(await whoIs(await issuer.sign())).toBe('support-agent');
    expect(issuer.asked).not.toContain('/realms/agents/introspect');
    expect(await whoIs(await issuer.sign({ sub: undefined, aud: undefined }))).toBe('support-agent');
  });

  it.each([
    ['is a refresh token', { typ: 'Refresh' }],
    ['is of another issuer', { iss: 'https://elsewhere.example.com' }],
    ['has expired', { exp: 1 }],
    ['is for another audience', { aud: 'elsewhere' }],
    ['is bound to a key', { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }],
  ])('is not believed blindly: a token that %s is refused', async (_what, more) => {
    issuer.introspect = () => ({ ...told, ...more });
    expect(await trusting({}, introspection).whoIs('opaque')).toBe(null);
  });

  it('ends a token that it signed before its time, where it is always asked', async () => {
    issuer.introspect = () => told;
    const { whoIs } = trusting({}, { ...introspection, when: 'always' });
    const token = await issuer.sign();
    expect(await whoIs(token)).toBe('support-agent');
    issuer.introspect = () => ({ active: false });
    nowMs += 61_000;
    expect(await whoIs(token)).toBe(null);
  });

  it('is not waited for beyond the key: a token whose key is taken back meanwhile is not good', async () => {
    const token = await issuer.sign();
    const { judge, snapshot, whoIs } = trusting({}, { ...introspection, when: 'always' });
    const answers = new Promise<void>((resolve) => {
      issuer.introspect = (about) => {
        if (about === token) resolve();
        return told;
      };
    });
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    holdUp = (target) => (target.endsWith('/introspect') ? held : undefined);
    const judging = judge.judge(snapshot, token, () => 'here');
    await answers;
    holdUp = undefined;
    issuer.keys = [];
    await issuer.addKey('ES256', 'two');
    expect(await whoIs(await issuer.sign())).toBe('support-agent');
    release();
    await judging;
    expect(judge.callerOf(snapshot, token, isOurs, bearing)).toBe(null);
    expect(await whoIs(token)).toBe(null);
  });

  const timesAsked = () => issuer.asked.filter((path) => path.endsWith('/introspect')).length;
  const madeUp = Array.from({ length: 40 }, (_, n) => `made-up-${n}`);

  it('is asked about twenty tokens of a network that are nobody’s, and then about one a second: the others are neither good nor bad', async () => {
    issuer.introspect = (token) => (token.startsWith('opaque') ? told : { active: false });
    const { judge, snapshot, whoIs } = trusting({}, introspection);
    expect(await whoIs('opaque')).toBe('support-agent');
    for (const token of madeUp) expect(await whoIs(token)).toBe(null);
    expect(timesAsked()).toBe(21);
    expect([judge.isUndecided(snapshot, 'made-up-19'), judge.isUndecided(snapshot, 'made-up-20')]).toEqual([false, true]);
    // Somebody elsewhere is asked for, and so is whoever was good before.
    expect(await whoIs('opaque-too', snapshot, 'elsewhere')).toBe('support-agent');
    nowMs += 60_001;
    for (const token of madeUp) await whoIs(`again-${token}`);
    expect(await whoIs('opaque')).toBe('support-agent');
    nowMs += 1_000;
    expect(await whoIs('opaque-three')).toBe('support-agent');
  });

  it('is asked about sixteen tokens of a network at once, so that no network takes the questions of others, and about thirty-two in all', async () => {
    issuer.introspect = () => told;
    const { judge, snapshot, whoIs } = trusting({}, introspection);
    const asking = async (token: string, network: string) => judge.judge(snapshot, token, () => network);
    await whoIs('first');
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    holdUp = () => held;
    const judging = ['a', 'b', 'c'].flatMap((network) => madeUp.map((token) => asking(`${network}-${token}`, network)));
    const others = judging.filter((_, at) => !(at % 40 < 16 && at < 80));
    await Promise.all(others);
    expect(timesAsked()).toBe(33);
    release();
    await Promise.all(judging);
  });

  it('is never asked about what is a key of ours by its form', async () => {
    issuer.introspect = () => told;
    expect(await trusting({}, introspection).whoIs('stoa_ck_expired-or-mistyped')).toBe(null);
    expect(issuer.asked).toEqual([]);
  });

  it('cannot make good what its own signature does not cover', async () => {
    issuer.introspect = () => told;
    const { whoIs } = trusting({}, { ...introspection, when: 'always' });
    expect(await whoIs((await issuer.sign()).replace(/[^.]+$/, 'AAAA'))).toBe(null);
    expect(await whoIs(await issuer.sign({ aud: 'elsewhere' }))).toBe(null);
  });
});
