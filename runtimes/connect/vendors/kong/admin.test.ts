import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { createKongAdmin } from './admin.ts';
import type { KongAdmin, KongAdminOptions } from './admin.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function against(answer: RequestListener, options: Partial<KongAdminOptions> = {}): Promise<KongAdmin> {
  const server: Server = createServer(answer);
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const admin = createKongAdmin({ url, ...options });
  closers.push(
    () => closeGracefully(server, 0),
    () => admin.close(),
  );
  return admin;
}
const json =
  (value: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
const nothing = (): void => undefined;

describe('the Admin API client', () => {
  it('follows next through all pages, with the tag filter', async () => {
    const simulator = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
    closers.push(() => simulator.close());
    const admin = createKongAdmin({ url: simulator.adminUrl, pageSize: 2 });
    closers.push(() => admin.close());
    const ids = [1, 2, 3, 4, 5].map((digit) => `0b0c5d0e-1111-4222-8333-44445555666${digit}`);
    for (const [index, id] of ids.entries()) {
      await admin.put('service', id, { name: `s${index}`, host: 'h', tags: index === 0 ? null : ['ours:1'] });
    }
    expect((await admin.list('service')).map(({ id }) => id).sort()).toEqual(ids);
    expect((await admin.list('service', { tag: 'ours:1' })).map(({ id }) => id).sort()).toEqual(ids.slice(1));
    await admin.remove('service', ids[0] ?? '');
    expect(await admin.list('service')).toHaveLength(4);
  });

  it('does not follow next to another host, where the credential would go with it', async () => {
    const asked: (string | undefined)[] = [];
    const admin = await against((request, response) => {
      asked.push(request.url);
      const next = asked.length === 1 ? 'http://evil.example.com/services?offset=two' : null;
      json({ data: [], next })(request, response);
    });
    await admin.list('service');
    expect(asked).toEqual(['/services?size=1000', '/services?size=1000&offset=two']);
  });

  it('shows its certificate to an admin API that asks for one, sends the token, and puts the workspace before each path', async () => {
    const tls = join(import.meta.dirname, '../../../../lib/testing/tls');
    const asked: unknown[] = [];
    const trusted = readFileSync(join(tls, 'ca.pem'));
    const [cert, key] = [readFileSync(join(tls, 'server.pem')), readFileSync(join(tls, 'server.key'))];
    const server = createTlsServer({ cert, key, ca: trusted, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const shown = Object.keys((request.socket as TLSSocket).getPeerCertificate()).length > 0;
      asked.push([request.url, request.headers['kong-admin-token'], shown]);
      json({ data: [], next: null })(request, response);
    });
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, trusted.toString()]);
    const clientCertificate = { certFile: join(tls, 'server.pem'), keyFile: join(tls, 'server.key') };
    const secure = url.replace('http:', 'https:').replace('127.0.0.1', 'localhost');
    const admin = createKongAdmin({
      url: `${secure}/team-a`,
      clientCertificate,
      credential: { header: 'Kong-Admin-Token', value: Secret.of('rbac') },
    });
    closers.push(
      () => closeGracefully(server, 0),
      () => admin.close(),
      () => setDefaultCACertificates(before),
    );
    await admin.list('service');
    expect(asked).toEqual([['/team-a/services?size=1000', 'rbac', true]]);
    const bare = createKongAdmin({ url: secure });
    closers.push(() => bare.close());
    await bare.list('service');
    expect(asked[1]).toEqual(['/services?size=1000', undefined, false]);
  });

  it('gives up on a listing that never ends', async () => {
    const admin = await against(json({ data: [], next: '/services?offset=again' }), { maxPages: 3 });
    await expect(admin.list('service')).rejects.toMatchObject({ code: 'too_many' });
  });

  it.each([
    ['an HTML page', '<html>hello</html>'],
    ['a list that is no list', '{"data":"x"}'],
    ['an entity without an id', '{"data":[{"name":"x"}]}'],
    ['tags that are no list', '{"data":[{"id":"x","tags":3}]}'],
    ['nothing', ''],
  ])('names %s an invalid answer', async (_what, body) => {
    const admin = await against((_request, response) => void response.end(body));
    await expect(admin.list('route')).rejects.toMatchObject({ code: 'invalid_answer' });
  });

  it('takes the empty map that Lua sends for an empty list', async () => {
    const admin = await against(json({ data: {}, next: null }));
    expect(await admin.list('plugin')).toEqual([]);
  });

  it.each([
    [400, { message: 'schema violation', code: 2 }, 'refused'],
    [401, {}, 'unauthorized'],
    [404, { message: 'Not found' }, 'not_found'],
    [405, { message: 'cannot create', code: 12 }, 'unsupported'],
    [409, { message: 'UNIQUE violation', code: 5 }, 'conflict'],
    [415, 'html', 'refused'],
    [500, { message: 'An unexpected error occurred' }, 'unavailable'],
    [302, {}, 'invalid_answer'],
  ])('codes an answer with status %i', async (status, body, code) => {
    const admin = await against(json(body, status));
    await expect(admin.put('service', 'x', {})).rejects.toMatchObject({ code, status });
  });

  it("keeps a consumer's key out of the message", async () => {
    const admin = await against(json({ message: 'UNIQUE violation detected on \'{key="the-secret"}\'', code: 5 }, 409));
    const error: Error = (await admin.put('credential', 'x', {}).then(nothing, (reason: Error) => reason)) as Error;
    expect(error.message).toContain('[redacted]');
    expect(error.message).not.toContain('the-secret');
  });

  it('stops reading an answer that is too large', async () => {
    const admin = await against(json({ data: ['x'.repeat(5000)] }), { maxBytes: 1000 });
    await expect(admin.list('service')).rejects.toMatchObject({ code: 'too_large' });
  });

  it('does not wait for ever, neither for an answer nor for its end', async () => {
    const silent = await against(nothing, { timeoutMs: 50 });
    await expect(silent.node()).rejects.toMatchObject({ code: 'timeout' });
    const slow = await against((_request, response) => void response.write('{'), { timeoutMs: 50 });
    await expect(slow.node()).rejects.toMatchObject({ code: 'timeout' });
  });

  it('says what to check when nothing listens', async () => {
    const admin = createKongAdmin({ url: 'http://127.0.0.1:1' });
    await expect(admin.node()).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('STOA_TARGET_GATEWAY_URL') });
  });

  it('says so when the address is not a Kong', async () => {
    const admin = await against(json({ hello: 'world' }));
    await expect(admin.node()).rejects.toMatchObject({ code: 'invalid_answer', message: expect.stringContaining('STOA_TARGET_GATEWAY_URL') });
  });

  it('sends the credential in the header it is told, and keeps a base path', async () => {
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      json({ data: [], next: null })(request, response);
    });
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    const admin = createKongAdmin({ url: `${url}/kong-admin`, credential: { header: 'Kong-Admin-Token', value: Secret.of('token') } });
    closers.push(
      () => closeGracefully(server, 0),
      () => admin.close(),
    );
    await admin.list('service');
    expect(requests[0]?.url).toBe('/kong-admin/services?size=1000');
    expect(requests[0]?.headers['kong-admin-token']).toBe('token');
  });
});
