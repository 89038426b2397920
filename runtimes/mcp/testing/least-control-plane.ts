import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { gatewayId } from '@stoa/control-plane-client/testing/fake-control-plane.ts';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { listen } from '@stoa/lib/listen.ts';

export type LeastControlPlane = {
  readonly url: string;
  readonly server: Server;
  readonly registered: unknown[];
  readonly acknowledged: Promise<unknown>;
};

/** The least Control Plane there can be: one registration, one configuration, then silence on the feed. */
export async function startControlPlane(config: GatewayConfig, signingKey: unknown): Promise<LeastControlPlane> {
  const registered: unknown[] = [];
  const ack = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path.endsWith('/config')) {
      // The long poll of a configuration that the client has already stays open.
      if (request.headers['if-none-match'] === undefined) reply(response, config, { etag: `"${config.hash}"` });
    } else if (path.endsWith('/register')) {
      registered.push(body);
      reply(response, { gateway_id: gatewayId, heartbeat_interval_s: 30, lease_epoch: 1, lease_ttl_s: 100, signing_keys: [signingKey] });
    } else if (path.endsWith('/ack')) {
      ack.resolve(body);
      response.writeHead(204).end();
    } else {
      reply(response, path.endsWith('/usage') ? { duplicate: false } : {});
    }
  };
  return { url: await listen(server, { host: '127.0.0.1', port: 0 }), server, registered, acknowledged: ack.promise };
}

function reply(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
