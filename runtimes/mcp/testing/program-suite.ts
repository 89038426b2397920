import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSigner } from '@stoa/control-plane-client/testing/fake-control-plane.ts';
import { listen } from '@stoa/lib/listen.ts';
import { compiled } from '@stoa/lib/testing/compiled.ts';
import { describeHttp } from '@stoa/lib/testing/http-suite.ts';
import { ask, configOf, modern, operations, send, startUpstream } from '../doors/mcp/testing/fixture.ts';
import type { Upstream } from '../doors/mcp/testing/fixture.ts';
import { startControlPlane } from './least-control-plane.ts';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';

/** What Gateway and Link must both do as programs: `main` is started by Node as an operator's supervisor would. */
export function describeProgram({ main, product, gatewayMode }: { main: string; product: string; gatewayMode: string }): void {
  const startAlone = async (env: Record<string, string>) => {
    const directory = await mkdtemp(join(tmpdir(), 'stoa-runtime-'));
    const program = await startProgram(main, { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_STATE_DIR: directory, ...env });
    return { url: program.url, close: () => program.kill('SIGTERM').then(() => rm(directory, { recursive: true, force: true })) };
  };
  describeHttp(product, startAlone, ['/healthz', '/readyz', '/version', '/metrics', '/nothing']);

  describe(`${product} as a process`, () => {
    let upstream: Upstream;
    let stateDir: string;
    const cleanUp: (() => Promise<unknown>)[] = [];
    const start = async (controlPlaneUrl: string, env: Record<string, string> = {}): Promise<Program> => {
      const program = await startProgram(main, { STOA_CONTROL_PLANE_URL: controlPlaneUrl, STOA_STATE_DIR: stateDir, ...env });
      cleanUp.push(() => program.kill('SIGKILL'));
      return program;
    };
    beforeEach(async () => {
      upstream = await startUpstream();
      stateDir = await mkdtemp(join(tmpdir(), 'stoa-runtime-'));
    });
    afterEach(async () => {
      for (const step of cleanUp.splice(0)) await step();
      upstream.server.close();
      await rm(stateDir, { recursive: true, force: true });
    });

    it('serves what the Control Plane gives it, and after a SIGKILL of both serves it alone', async () => {
      const signer = createSigner();
      const { items } = configOf([operations.getOrder], upstream.url);
      const plane = await startControlPlane(signer.config(3, items), signer.key);
      // By two workers, which are one instance to everybody else.
      const first = await start(plane.url, { STOA_WORKERS: '2' });
      const ack = (await plane.acknowledged) as { state: string };
      expect(ack).toMatchObject({ generation: 3, state: 'applied' });
      await callsTheTool(first.url);
      expect(plane.registered).toMatchObject([{ gateway_mode: gatewayMode, environment: 'default', endpoints: { mcp: `${first.url}/mcp` } }]);
      await first.kill('SIGKILL');
      plane.server.closeAllConnections();
      await new Promise((resolve) => plane.server.close(resolve));

      const alone = await start(plane.url);
      await callsTheTool(alone.url);
      const ready = await send(`${alone.url}/readyz`, { method: 'GET' });
      expect(ready).toMatchObject({ status: 200, message: { config: { state: 'stale', generation: 3 } } });
    });

    it('calls upstreams over TLS whose authority is in STOA_CA_FILE, straight and through HTTPS_PROXY, and no other', async () => {
      const { secure, proxy, tunnels } = await startTls(upstream, cleanUp);
      const signer = createSigner();
      const trusted = { STOA_CA_FILE: tlsFile('ca.pem') };
      const proxied = { ...trusted, HTTPS_PROXY: proxy };
      // The proxy alone knows where a name below .invalid leads, and the certificate is not for every name.
      const cases = [
        { url: secure, env: {}, reached: false, through: [] },
        { url: secure, env: trusted, reached: true, through: [] },
        { url: 'https://plane.invalid', env: proxied, reached: true, through: ['plane.invalid:443'] },
        { url: 'https://other.invalid', env: proxied, reached: false, through: ['other.invalid:443'] },
      ];
      for (const { url, env, reached, through } of cases) {
        const before = upstream.seen.length;
        const { items } = configOf([operations.getOrder], url);
        const plane = await startControlPlane(signer.config(3, items), signer.key);
        const program = await start(plane.url, { ...env, STOA_STATE_DIR: join(stateDir, String(cleanUp.length)) });
        await plane.acknowledged;
        if (reached) await callsTheTool(program.url);
        else expect((await callTool(program.url)).message).toMatchObject({ result: { isError: true } });
        expect([url, upstream.seen.length - before, tunnels.splice(0)]).toEqual([url, reached ? 1 : 0, through]);
        await program.kill('SIGKILL');
        plane.server.closeAllConnections();
        plane.server.close();
      }
    }, 120_000);

    it('lesson 28: starts and tells that it lives while nothing answers, and ends at SIGTERM', async () => {
      const program = await start('http://127.0.0.1:9');
      expect((await send(`${program.url}/healthz`, { method: 'GET' })).status).toBe(200);
      expect((await send(`${program.url}/version`, { method: 'GET' })).message).toMatchObject({ product, gateway_mode: gatewayMode });
      expect((await send(`${program.url}/readyz`, { method: 'GET' })).status).toBe(503);
      expect(await program.kill('SIGTERM')).toBe(0);
    });

    it('lesson 32: says everything that is wrong with its settings and exits with 2', async () => {
      const child = spawn(process.execPath, [main], {
        env: { PATH: process.env['PATH'], ...compiled(), STOA_LISTEN: 'nowhere', STOA_UNKNOWN: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const lines: string[] = [];
      createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
      const [code] = (await once(child, 'close')) as [number];
      expect(code).toBe(2);
      for (const name of ['STOA_CONTROL_PLANE_URL', 'STOA_GATEWAY_KEY', 'STOA_LISTEN', 'STOA_UNKNOWN']) expect(lines.join('\n')).toContain(name);
    });
  });
}

const callTool = (url: string) => ask(`${url}/mcp`, modern, 'tools/call', { name: 'getOrder', arguments: { id: 'o1' } });

async function callsTheTool(url: string): Promise<void> {
  const { message } = await callTool(url);
  expect(message).toMatchObject({ result: { structuredContent: { id: 'o1' } } });
}

const tlsFile = (name: string): string => join(import.meta.dirname, '../../../lib/testing/tls', name);

/** The upstream over TLS, under a certificate of the tests' own authority, and a proxy whose tunnels all lead to it. */
async function startTls(upstream: Upstream, cleanUp: (() => Promise<unknown>)[]) {
  const [cert, key] = await Promise.all([readFile(tlsFile('server.pem')), readFile(tlsFile('server.key'))]);
  const secure = createTlsServer({ cert, key }, (request, response) => upstream.server.emit('request', request, response));
  const sockets = new Set<Duplex>();
  secure.on('connection', (socket) => sockets.add(socket));
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const { port } = secure.address() as AddressInfo;
  const tunnels: (string | undefined)[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    tunnels.push(request.url);
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    for (const end of [socket, target]) end.on('error', () => end.destroy());
    sockets.add(socket);
  });
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    secure.close();
    proxy.close();
  });
  return { secure: `https://localhost:${port}`, proxy: await listen(proxy, { host: '127.0.0.1', port: 0 }), tunnels };
}
