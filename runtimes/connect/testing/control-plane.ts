import { createServer } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { createFakeControlPlane, createSigner } from '@stoa/control-plane-client/testing/fake-control-plane.ts';
import type { FakeControlPlane } from '@stoa/control-plane-client/testing/fake-control-plane.ts';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';

export type ServedControlPlane = {
  readonly url: string;
  readonly fake: FakeControlPlane;
  /** What the config feed gives from now on, as a new generation. */
  deploy(items: GatewayConfig['items']): void;
  close(): Promise<void>;
};

/** The Control Plane of the client's tests behind a port, for tests that start a whole Connect. */
export async function serveControlPlane(): Promise<ServedControlPlane> {
  const fake = createFakeControlPlane();
  const signer = createSigner();
  const registration = {
    gateway_id: signer.config(0).gateway_id,
    heartbeat_interval_s: 5,
    lease_epoch: 1,
    lease_ttl_s: 100,
    signing_keys: [signer.key],
  };
  fake.always('register', () => Response.json(registration));
  let current = signer.config(0);
  const changed = { tell: new AbortController() };
  fake.always('config', async (call, signal) => {
    const etag = (): string => `"${current.generation}"`;
    if (call.headers.get('if-none-match') === etag()) {
      const news = AbortSignal.any([signal, changed.tell.signal]);
      await new Promise((resolve) => news.addEventListener('abort', resolve, { once: true }));
    }
    return Response.json(current, { headers: { etag: etag() } });
  });
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    void (async () => {
      const body = await readText(request);
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
      const given = new Request(`http://fake${request.url}`, {
        method: request.method ?? 'GET',
        headers,
        signal: gone.signal,
        ...(body !== '' && { body }),
      });
      const answer = await fake.fetch(given);
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    })().catch(() => response.destroy());
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    url,
    fake,
    deploy(items) {
      current = signer.config(current.generation + 1, items);
      changed.tell.abort();
      changed.tell = new AbortController();
    },
    close: () => closeGracefully(server, 0),
  };
}
