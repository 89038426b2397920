import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noProxies } from '@stoa/lib/proxies.ts';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askForToken, authorization } from '../testing/oauth-client.ts';
import { asGateway } from '../testing/gateways.ts';
import { joinAsOwner, signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { documentFetch } from './client-documents.ts';

const tls = (name: string) => join(import.meta.dirname, '../../lib/testing/tls', name);
const redirectUri = 'http://127.0.0.1:50507/callback';
const mcpUrl = 'https://mcp.example/mcp';

let plane: TestControlPlane;
let owner: Person;
let clientId: string;
const asked: string[] = [];
/** The site of whoever made the client. */
const site = createServer({ cert: readFileSync(tls('server.pem')), key: readFileSync(tls('server.key')) }, (request, response) => {
  asked.push(String(request.url));
  if (request.url === '/moved.json') return void response.writeHead(302, { location: '/client.json' }).end();
  const document = { client_id: clientId, client_name: 'An editor', redirect_uris: ['http://127.0.0.1/callback'], scope: 'mcp:tools' };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(request.url === '/large.json' ? { ...document, padding: 'x'.repeat(100_000) } : document));
});

beforeAll(async () => {
  trustAuthorities(tls('ca.pem'));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  clientId = `https://127.0.0.1:${(site.address() as AddressInfo).port}/client.json`;
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent', STOA_CLIENT_DOCUMENT_ALLOW: '127.0.0.1' });
  owner = await joinAsOwner(plane);
  await asGateway(plane, await plane.mintGatewayKey()).register('gateway', { endpoints: { mcp: mcpUrl } });
});
afterAll(async () => {
  await plane?.close();
  site.close();
});

const client = (id = clientId) => ({ clientId: id, redirectUri, scope: 'mcp:tools', resource: mcpUrl });

describe('a client that is known by its metadata document', () => {
  it('is let in by a person who sees its name and where it goes, and gets a token for the gateway', async () => {
    const issuer = `${plane.url}/oidc`;
    const { url, verifier } = authorization(issuer, client());
    const browser = new ScriptedBrowser(plane.url);
    const consent = await signIn(browser, await browser.open(url), owner);
    expect(consent.text).toContain('Let An editor in?');
    const back = new URL((await browser.submit(consent, {}, '/consent')).url);
    const code = back.searchParams.get('code') ?? '';
    const { body } = await askForToken(issuer, {
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
      resource: mcpUrl,
    });
    expect(JSON.parse(Buffer.from(body.access_token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      aud: mcpUrl,
      client_id: clientId,
    });
    expect(asked).toEqual(['/client.json']);
  });

  it.each(['/moved.json', '/large.json'])(
    'whose document is at %s is not: redirects are not followed, and what is too long is not read',
    async (path) => {
      const page = await new ScriptedBrowser(plane.url).open(authorization(`${plane.url}/oidc`, client(new URL(path, clientId).href)).url);
      expect([page.status, page.text]).toEqual([expect.any(Number), expect.stringContaining('document')]);
      expect(page.status).toBeGreaterThanOrEqual(400);
    },
  );
});

describe('a document on a network that is not public', () => {
  it('is not fetched unless the settings allow it: nobody is connected to', async () => {
    const before = asked.length;
    const fetchStrictly = documentFetch(noProxies, []);
    const { port } = new URL(clientId);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '10.0.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '[fd00::1]',
    ])
      await expect(fetchStrictly(`https://${host}:${port}/client.json`), host).rejects.toThrow(/is denied|makes no connection/);
    const elsewhere = documentFetch(noProxies, ['10.0.0.0/8']);
    await expect(elsewhere(clientId)).rejects.toThrow('is not among what');
    await expect(documentFetch(noProxies, ['127.0.0.0/8'])('https://169.254.169.254/client.json')).rejects.toThrow('makes no connection');
    expect(asked).toHaveLength(before);
    expect((await documentFetch(noProxies, ['127.0.0.0/8'])(clientId)).status).toBe(200);
  });
});
