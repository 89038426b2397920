import { createServer, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { consumerItem } from '../testing/fixtures.ts';
import { TestIssuer } from '../testing/issuer.ts';
import { withTokenEndpoint } from '../upstream/testing/token-endpoint.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { startLegacyServer } from './testing/legacy-server.ts';
import type { FixtureServer } from './testing/legacy-server.ts';
import { startModernServer } from './testing/modern-server.ts';
import { rawClient } from './testing/raw-client.ts';
import type { RawClient } from './testing/raw-client.ts';

const agent = consumerItem('agent');
const { issuer: endpoint } = withTokenEndpoint();

/** What one request to the server showed, and in which session. */
type Shown = { readonly method: string; readonly authorization: string; readonly assertion: string | undefined; readonly session: string };

describe.each([
  { era: '2025-11-25', start: startLegacyServer },
  { era: '2026-07-28', start: startModernServer },
])('a server of $era that is shown who calls', ({ era, start }) => {
  const issuer = new TestIssuer();
  const shown: Shown[] = [];
  let server: FixtureServer;
  let gateway: TestGateway;
  /** Stands before the server and notes what it is shown. */
  const before = createServer((request, response) => {
    void text(request).then((body) => {
      const { authorization = '', 'x-stoa-assertion': assertion, 'mcp-session-id': session = '' } = request.headers;
      const { method = '' } = (body === '' ? {} : JSON.parse(body)) as { method?: string };
      shown.push({
        method: method === '' ? String(request.method) : method,
        authorization,
        assertion: assertion as string | undefined,
        session: String(session),
      });
      const passed = httpRequest(server.url, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
      response.on('close', () => passed.destroy());
      passed.end(body);
    });
  });
  beforeAll(async () => {
    await issuer.listen();
    await issuer.addKey();
    server = await start();
    const url = `${await listen(before, { host: '127.0.0.1', port: 0 })}/mcp`;
    const credentials = [
      { in: 'header' as const, name: 'Authorization', value: 'Bearer of-the-gateway' },
      { kind: 'token_exchange' as const, token_endpoint: endpoint.url, client_id: 'gateway', client_secret: 's' },
      { kind: 'assertion' as const },
    ];
    const trusted = issuer.item({
      consumers: [{ claim: 'azp', value: 'helpdesk', consumer: agent.item.name }],
      audiences: ['any'],
      exchange_endpoints: [endpoint.url],
    });
    gateway = await startGateway(mcpServerItem(url, { http: { url, credentials } }), agent.item, trusted);
    await gateway.until(() => serves(gateway, 'tickets_echo'));
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
    await issuer.close();
    before.closeAllConnections();
    before.close();
  });
  const clientOf = async (sub: string): Promise<RawClient> => rawClient(gateway.url, 'modern', { key: await issuer.sign({ sub, aud: 'any' }) });
  const echo = (client: RawClient) => client.ask('tools/call', { name: 'tickets_echo', arguments: {} });

  it('is asked what it offers as the gateway, and called as each caller, none of whom is in a session of another', async () => {
    endpoint.answer = ({ form }) => [
      200,
      { access_token: `for-${String(decodeJwt(form['subject_token'] ?? '').sub)}`, token_type: 'Bearer', expires_in: 100 },
    ];
    const clients = [await clientOf('ada'), await clientOf('bob')];
    for (const client of [...clients, ...clients]) expect((await echo(client)).answer.get('result')).toContain('args');
    const listed = shown.filter(({ method }) => method.endsWith('/list'));
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.every(({ authorization, assertion }) => authorization === 'Bearer of-the-gateway' && assertion === undefined)).toBe(true);
    const called = shown.filter(({ method }) => method === 'tools/call');
    expect(called.map(({ authorization }) => authorization)).toEqual(['ada', 'bob', 'ada', 'bob'].map((sub) => `Bearer for-${sub}`));
    expect(decodeJwt(called[0]?.assertion ?? '')).toMatchObject({ sub: 'agent', operation: 'echo' });
    const inSessions = shown.filter(({ session }) => session !== '');
    const bySession = new Map(inSessions.map(({ session }) => [session, new Set<string>()]));
    for (const { session, authorization } of inSessions) bySession.get(session)?.add(authorization);
    expect([...bySession.values()].map((all) => all.size)).toEqual(era === '2025-11-25' ? [1, 1, 1] : []);
  });

  it('is not called for who has no token to exchange, and goes on for the others', async () => {
    endpoint.answer = () => [200, { access_token: 'for-ada', token_type: 'Bearer', expires_in: 100 }];
    const byKey = await rawClient(gateway.url, 'modern', { key: agent.key });
    expect((await echo(byKey)).answer.get('result')).toContain('this caller showed a consumer key: call with a token');
    expect((await echo(await clientOf('ada'))).answer.get('result')).toContain('args');
    expect(gateway.runtime.engine?.federation.status()).toMatchObject([{ state: 'connected' }]);
  });

  it('is subscribed to by nobody: whose a change is could not be said', async () => {
    const client = await rawClient(gateway.url, 'legacy', { key: await issuer.sign({ sub: 'ada', aud: 'any' }) });
    expect((await client.ask('resources/subscribe', { uri: 'file:///notes.txt' })).answer.get('error')).toContain('Resource not found');
  });
});
