import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { agentFor } from '@stoa/lib/proxies.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BuiltRequest, OperationEntry } from '../model.ts';
import { createUpstreams } from './upstream.ts';
import type { UpstreamAnswer } from './upstream.ts';

const file = (name: string): string => join(import.meta.dirname, '../../../lib/testing/tls', name);
const identity = { cert: readFileSync(file('server.pem')), key: readFileSync(file('server.key')) };
const hello: RequestListener = (_request, response) => void response.end('hello');

const servers: Server[] = [];
const sockets = new Set<Socket>();
async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const seen: string[] = [];
/** As a proxy does, it knows where names lead that nobody else can resolve: to the upstream of the port asked for. */
function proxied(server: Server): Server {
  return server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    seen.push(`${incoming.url} ${incoming.headers['proxy-authorization'] ?? ''}`.trim());
    const target = connect(Number(incoming.url?.split(':').pop()), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    for (const end of [socket, target]) end.on('error', () => end.destroy());
  });
}

let secure = 0;
let proxies: { plain: string; overTls: string };
beforeAll(async () => {
  trustAuthorities(file('ca.pem'));
  secure = await listening(createTlsServer(identity, hello));
  const [plain, overTls] = [await listening(proxied(createServer())), await listening(proxied(createTlsServer(identity)))];
  proxies = { plain: `http://127.0.0.1:${plain}`, overTls: `https://user:word@localhost:${overTls}` };
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

async function reaches(origin: string, proxy: string, noProxy: string[] = []): Promise<string> {
  const settings = { httpProxy: undefined, httpsProxy: Secret.of(proxy), noProxy };
  const upstreams = createUpstreams({ timeoutMs: 5000, proxies: settings });
  const operation = { origin, method: 'GET' } as OperationEntry;
  const asked = { path: '/', headers: [], body: undefined } as unknown as BuiltRequest;
  const answer = await new Promise<UpstreamAnswer>((resolve) => upstreams.call(operation, asked, undefined, resolve));
  await upstreams.close();
  return answer.kind === 'answered' ? answer.body.toString() : answer.kind === 'failed' ? answer.cause.message : answer.kind;
}

/** The same by the agent that the Control Plane and admin APIs are reached with. */
async function reachesByAgent(origin: string, proxy: string, noProxy: string[] = []): Promise<string> {
  const agent = agentFor(origin, { httpProxy: undefined, httpsProxy: Secret.of(proxy), noProxy }, 1);
  const outgoing = request(origin, { agent });
  outgoing.end();
  try {
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return String(Buffer.concat(await response.toArray()));
  } catch (error) {
    return (error as Error).message;
  } finally {
    agent.destroy();
  }
}

it.each([
  ['an upstream', reaches],
  ['the Control Plane or an admin API', reachesByAgent],
])('%s over TLS is reached through a proxy, over TLS or not, and straight where NO_PROXY says so', async (_what, ask) => {
  const far = `https://plane.invalid:${secure}`;
  expect([await ask(far, proxies.plain), seen.splice(0)]).toEqual(['hello', [`plane.invalid:${secure}`]]);
  expect([await ask(far, proxies.overTls), seen.splice(0)]).toEqual(['hello', [`plane.invalid:${secure} Basic dXNlcjp3b3Jk`]]);
  expect([await ask(`https://localhost:${secure}`, proxies.plain, ['localhost']), seen.splice(0)]).toEqual(['hello', []]);
  expect([await ask(far, proxies.plain, ['.invalid']), seen.splice(0)]).toEqual([expect.stringContaining('ENOTFOUND'), []]);
  expect(await ask(`https://other.invalid:${secure}`, proxies.plain)).toContain("does not match certificate's altnames");
  seen.length = 0;
});
