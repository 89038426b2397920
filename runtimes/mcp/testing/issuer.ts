import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import type { TokenRules, TrustedIssuerItem } from '@stoa/generated/schemas.ts';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';

type Key = { readonly alg: string; readonly kid: string; readonly privateKey: CryptoKey; readonly publicJwk: JWK };

/** An issuer of tokens for tests: asked by `fetch` in memory, or by HTTP once it listens. */
export class TestIssuer {
  issuer: string;
  /** Where its endpoints are; at its own origin by default. */
  endpoints: string;
  keys: Key[] = [];
  /** What it was asked, by path. */
  asked: string[] = [];
  isAway = false;
  /** What it says of tokens that it is asked about. */
  introspect: (token: string) => object = () => ({ active: false });
  #server: Server | undefined;

  constructor(issuer = 'https://id.example.com/realms/agents') {
    this.issuer = issuer;
    this.endpoints = issuer;
  }

  async addKey(alg = 'ES256', kid: string = randomUUID()): Promise<Key> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const key = { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' } };
    this.keys.push(key);
    return key;
  }

  /** A good access token, with what a test changes. A claim that is undefined is left out. */
  sign(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, key = this.keys.at(-1)): Promise<string> {
    if (key === undefined) throw new Error('The issuer has no key.');
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: this.issuer,
      aud: 'http://gateway.test/mcp',
      sub: 'ada',
      azp: 'helpdesk',
      iat: now,
      exp: now + 300,
      scope: 'mcp:tools',
      ...claims,
    };
    const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JWTPayload;
    return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header }).sign(key.privateKey);
  }

  /** The item by which it is trusted. */
  item(rules: Partial<TokenRules> = {}, introspection?: TrustedIssuerItem['introspection']): TrustedIssuerItem {
    const id = randomUUID();
    return {
      id: `trusted_issuer:${id}`,
      kind: 'trusted_issuer',
      trusted_issuer_id: id,
      name: 'agents',
      rules: { issuer: this.issuer, consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'support-agent' }], ...rules },
      ...(introspection !== undefined && { introspection }),
    };
  }

  readonly fetch: BoundedFetch = (target, { body } = {}) => {
    const { pathname } = new URL(target);
    this.asked.push(pathname);
    if (this.isAway) return Promise.reject(new Error('connect ECONNREFUSED'));
    const answer = this.#answer(pathname, String(body ?? ''));
    return Promise.resolve(answer === undefined ? new Response('{}', { status: 404 }) : Response.json(answer));
  };

  /** Begins to answer by HTTP, as an issuer of loopback. */
  async listen(): Promise<void> {
    this.#server = createServer((request, response) => {
      void new Response(request as never).text().then(async (body) => {
        const answer = await this.fetch(`http://localhost${request.url ?? '/'}`, { body });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
    });
    this.issuer = this.endpoints = await listen(this.#server, { host: '127.0.0.1', port: 0 });
  }

  async close(): Promise<void> {
    if (this.#server !== undefined) await closeGracefully(this.#server, 0);
  }

  #answer(path: string, body: string): object | undefined {
    if (path.endsWith('/.well-known/openid-configuration'))
      return { issuer: this.issuer, jwks_uri: `${this.endpoints}/keys`, introspection_endpoint: `${this.endpoints}/introspect` };
    if (path.endsWith('/keys')) return { keys: this.keys.map(({ publicJwk }) => publicJwk) };
    return path.endsWith('/introspect') ? this.introspect(new URLSearchParams(body).get('token') ?? '') : undefined;
  }
}
