import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { settings } from '@stoa/connect/config.ts';
import { startConnect } from '@stoa/connect/start.ts';
import type { Connect } from '@stoa/connect/start.ts';
import type { Deployment, PolicySpec } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { settings as linkSettings } from '@stoa/link/config.ts';
import { startLink } from '@stoa/link/start.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { makerIn } from '@stoa/server/testing/catalog.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { vi } from 'vitest';

/** What came to the upstream. */
export type Arrived = {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
};

/** A Control Plane, an API behind it, and a Connect that brings it to a gateway. */
export type Deployed = {
  readonly plane: TestControlPlane;
  readonly make: ReturnType<typeof makerIn>;
  readonly arrived: Arrived[];
  readonly upstreamUrl: string;
  /** Deploys an API of these operations, `GET /orders`, with policies, to an environment, and waits until it is acknowledged. */
  deploy(environment: string, operations: readonly string[], ...policies: readonly PolicySpec[]): Promise<Deployment>;
  withdraw(deployment: Deployment): Promise<unknown>;
  /** One for each environment. */
  startConnect(environment: string, env: Record<string, string>): Promise<Connect>;
  /** A Link of an environment. */
  startLink(environment: string, env: Record<string, string>): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
};

/** Waits as long as a slow machine may need. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 40_000, interval: 50 });

export async function startDeployed(): Promise<Deployed> {
  const plane = await startTestControlPlane();
  const make = makerIn(plane);
  const arrived: Arrived[] = [];
  const upstream = createServer((request, response) => {
    void buffer(request).then(
      (body) => {
        arrived.push({ method: request.method, url: request.url, headers: request.headers, bytes: body.length });
        response.writeHead(200, { 'x-upstream': 'yes', 'access-control-allow-origin': 'https://leaked.example' }).end('from the upstream');
      },
      () => response.destroy(),
    );
  });
  const upstreamUrl = await listen(upstream, { host: '127.0.0.1', port: 0 });
  const stateDir = await mkdtemp(join(tmpdir(), 'stoa-deployed-'));
  const running: { stop(): Promise<void> }[] = [];
  const quiet = createLogger({ program: 'test', level: 'silent' });
  const envOf = async (name: string, environment: string): Promise<Record<string, string>> => ({
    STOA_CONTROL_PLANE_URL: plane.url,
    STOA_GATEWAY_KEY: await plane.mintGatewayKey(),
    STOA_INSTANCE_NAME: name,
    STOA_ENVIRONMENT: environment,
    STOA_STATE_DIR: join(stateDir, name),
    STOA_LISTEN: '127.0.0.1:0',
  });

  const documentOf = (operations: readonly string[]): object => {
    const paths: Record<string, Record<string, object>> = {};
    for (const [index, text] of operations.entries()) {
      const [method = '', path = ''] = text.split(' ');
      const parameters = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
      paths[path] = { ...paths[path], [method.toLowerCase()]: { operationId: `op${index}`, parameters, responses: { 200: { description: 'It.' } } } };
    }
    return { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: upstreamUrl }], paths };
  };

  return {
    plane,
    make,
    arrived,
    upstreamUrl,
    async deploy(environment, operations, ...policies) {
      const api = await make.api({ document: documentOf(operations), open_to_all_consumers: true });
      for (const spec of policies) await make.policy(spec, [{ api_id: api.api_id }]);
      const deployment = await make.deployment(api, { environments: [environment] });
      return eventually(async () => {
        const { body } = await plane.request<Deployment>('GET', `/v1/deployments/${deployment.deployment_id}`);
        if (!/"state":"(?:applied|rejected)/.test(JSON.stringify(body.gateways))) throw new Error(JSON.stringify(body));
        return body;
      });
    },
    withdraw: ({ deployment_id: id }) => plane.request('DELETE', `/v1/deployments/${id}`),
    async startConnect(environment, env) {
      const loaded = settings.load({ argv: [], env: { ...(await envOf(environment, environment)), STOA_RESYNC_INTERVAL: '1s', ...env } });
      const connect = await startConnect(loaded, quiet);
      running.push(connect);
      return connect;
    },
    async startLink(environment, env) {
      const link = await startLink(linkSettings.load({ argv: [], env: { ...(await envOf(`${environment}-link`, environment)), ...env } }), quiet);
      running.push(link);
      return link;
    },
    async close() {
      for (const one of running) await one.stop();
      await closeGracefully(upstream, 0);
      await plane.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
