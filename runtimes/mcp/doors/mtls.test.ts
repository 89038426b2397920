import { X509Certificate, hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '@stoa/lib/log.ts';
import { createServing } from '../serving.ts';
import { collectingIn } from '../testing/collected-usage.ts';
import { apiItem, compile, configOf, consumerItem } from '../testing/fixtures.ts';
import { TestIssuer } from '../testing/issuer.ts';
import { testOptions } from '../workers/testing/options.ts';
import { headersFor, modern, rpc } from './mcp/testing/fixture.ts';
import { doors } from './table.ts';

const folder = join(import.meta.dirname, '../../../lib/testing/tls');
const file = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(file(name), 'utf8');
const thumbprint = (name: string) => hash('sha256', new X509Certificate(read(`${name}.pem`)).raw, 'base64url');

const issuer = new TestIssuer();
const helpdesk = consumerItem('helpdesk', { certificates: ['URI:spiffe://bank.example/ns/agents/*'] });
const other = consumerItem('other');
const log = createLogger({ program: 'test', level: 'silent' });
let serving: ReturnType<typeof createServing>;
let url = '';
beforeAll(async () => {
  await issuer.listen();
  await issuer.addKey();
  const tls = { STOA_TLS_CERT_FILE: file('server.pem'), STOA_TLS_KEY_FILE: file('server.key'), STOA_CLIENT_CA_FILE: file('client-ca.pem') };
  const proxies = { STOA_TRUSTED_PROXIES: '10.0.0.7', STOA_CLIENT_CERT_HEADER: 'x-ssl-client-cert' };
  const options = { ...testOptions({ ...tls, ...proxies }), doors: [doors.authz, doors.mcp, doors.rest] };
  const configState = () => ({ state: 'fresh' as const, generation: 1, hash: '' });
  serving = createServing(options, { log, usage: collectingIn([]), configState });
  url = await serving.listen({ host: '127.0.0.1', port: 0 });
  const trusted = issuer.item({ audiences: ['any'], consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'helpdesk' }] });
  const items = [trusted, apiItem({ operations: apiItem().operations }), helpdesk.item, other.item];
  serving.engine.replace(compile(configOf(...items), ['authz', 'mcp', 'rest']).snapshot);
});
afterAll(async () => {
  await serving.stop();
  await issuer.close();
});

async function send(path: string, options: Sent & { method?: string; body?: string } = {}) {
  const { method = 'GET', headers = {}, as, body } = options;
  const shown = as === undefined ? {} : { cert: read(`${as}.pem`), key: read(`${as}.key`) };
  const sent = request(`${url}${path}`, { method, headers, ca: read('ca.pem'), agent: false, ...shown });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, text: await text(answer) };
}
type Sent = { headers?: Record<string, string>; as?: string | undefined };
const list = (options: Sent) => {
  const message = rpc(modern, 'tools/list');
  const { authorization: _, ...headers } = headersFor(modern, message) as Record<string, string>;
  return send('/mcp', { method: 'POST', ...options, headers: { ...headers, ...options.headers }, body: JSON.stringify(message) });
};
/** 502 of the REST door: let in, and nobody is where the API should be. */
const call = (options: Sent) => send('/apis/orders/orders/7', options);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a client by its certificate', () => {
  it('is its consumer, at the MCP door and below /apis', async () => {
    expect([(await list({ as: 'helpdesk' })).status, (await call({ as: 'helpdesk' })).status]).toEqual([200, 502]);
  });

  it('that no authority vouches for is nobody, and the log says why to whoever looks for it', async () => {
    const debug = vi.spyOn(log, 'debug');
    expect((await list({ as: 'impostor' })).status).toBe(401);
    const told = debug.mock.calls.find(([, message]) => String(message).startsWith('A client certificate'))?.[0];
    expect(told).toMatchObject({ reason: expect.any(String) as string, fingerprint: expect.any(String) as string });
    expect((await list({ as: 'helpdesk' })).status).toBe(200);
    expect(debug.mock.calls.filter(([, message]) => String(message).startsWith('A client certificate'))).toHaveLength(1);
    debug.mockRestore();
  });

  it('listens for changes for as long as the certificate is its consumer’s', async () => {
    const sent = request(`${url}/mcp`, {
      headers: { accept: 'text/event-stream' },
      ca: read('ca.pem'),
      agent: false,
      cert: read('helpdesk.pem'),
      key: read('helpdesk.key'),
    });
    sent.end();
    const [stream] = (await once(sent, 'response')) as [IncomingMessage];
    expect(stream.statusCode).toBe(200);
    stream.destroy();
  });

  it.each(['nobody', 'impostor', undefined])('is nobody as %s', async (as) => {
    expect([(await list({ as })).status, (await call({ as })).status]).toEqual([401, 401]);
  });

  it('is whoever its key or token says, where it presents one', async () => {
    expect((await call({ as: 'helpdesk', headers: bearer(other.key) })).status).toBe(502);
    expect((await call({ as: 'helpdesk', headers: bearer('stoa_ck_forged') })).status).toBe(401);
    expect((await list({ as: 'helpdesk', headers: bearer('stoa_ck_forged') })).status).toBe(401);
  });

  it('is not who it writes itself into the header of a proxy', async () => {
    const headers = { 'x-ssl-client-cert': encodeURIComponent(read('helpdesk.pem')), 'x-forwarded-client-cert': 'Hash=00' };
    expect([(await list({ headers })).status, (await call({ headers, as: 'nobody' })).status]).toEqual([401, 401]);
  });

  it('that asks at /authz is a gateway, and nobody who calls', async () => {
    expect((await send('/authz/v1/orders/7', { as: 'helpdesk' })).status).toBe(401);
  });
});

describe('a token that is bound to a certificate', () => {
  const bound = () => issuer.sign({ aud: 'any', cnf: { 'x5t#S256': thumbprint('helpdesk') } });

  it('lets in over a connection of that certificate, and over no other', async () => {
    const headers = bearer(await bound());
    expect((await call({ as: 'helpdesk', headers })).status).toBe(502);
    expect((await list({ as: 'helpdesk', headers })).status).toBe(200);
    for (const as of [undefined, 'nobody', 'impostor']) {
      expect([as, (await call({ as, headers })).status, (await list({ as, headers })).status]).toEqual([as, 401, 401]);
    }
  });
});
