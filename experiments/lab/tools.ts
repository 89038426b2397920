import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { ask } from '@stoa/mcp/doors/mcp/testing/fixture.ts';
import { asker, done, statusOf } from './ask.ts';
import type { Ask } from './ask.ts';
import type { System } from './system.ts';
import { secondsUntil } from './until.ts';

export type ToolResult = { isError: boolean; text: string; ms: number };

const revision = '2025-06-18';
const name = 'lab';

/** An API deployed to the Gateway, with one tool for each way in which this process, its upstream, behaves. */
export class Tools {
  readonly system: System;
  readonly ask: Ask;
  readonly #upstream: Server;
  readonly #upstreamUrl: string;

  private constructor(system: System, ask: Ask, upstream: Server, upstreamUrl: string) {
    this.system = system;
    this.ask = ask;
    this.#upstream = upstream;
    this.#upstreamUrl = upstreamUrl;
  }

  static async start(system: System): Promise<Tools> {
    const upstream = createServer(behave);
    const url = await listen(upstream, { host: '127.0.0.1', port: 0 });
    const operator = asker(system.up.control_plane_url, system.up.admin_token);
    await deploy(operator, name, { document: describe(), upstream_url: url });
    const tools = new Tools(system, operator, upstream, url);
    // Until the Gateway has it the tool is an unknown one, which is an error, and says its name.
    await secondsUntil(async () => !(await tools.call('good')).isError, 30);
    return tools;
  }

  /** How many calls have reached this behaviour so far. */
  arrived(behaviour: string): number {
    return arrivals.get(behaviour) ?? 0;
  }

  get upstreamUrl(): string {
    return this.#upstreamUrl;
  }

  get gatewayUrl(): string {
    return new URL(this.system.up.mcp.gateway_url).origin;
  }

  /** Calls a tool of the API, as the demo's consumer. */
  call(behaviour: string, args: Record<string, unknown> = {}): Promise<ToolResult> {
    return callTool(this.system.up.mcp.gateway_url, `${name}_${behaviour}`, args, this.system.up.mcp.token);
  }

  isHealthy = async (): Promise<boolean> => (await statusOf(`${this.gatewayUrl}/healthz`)) === 200;

  close(): Promise<void> {
    return closeGracefully(this.#upstream, 0);
  }
}

export async function callTool(url: string, tool: string, args: Record<string, unknown>, token: string): Promise<ToolResult> {
  const since = performance.now();
  const { message, status } = await ask(url, revision, 'tools/call', { name: tool, arguments: args }, token);
  const { result, error } = (message ?? {}) as { result?: { isError?: boolean; content?: { text?: string }[] }; error?: { message: string } };
  const isError = status !== 200 || result === undefined || result.isError === true;
  return { isError, text: result?.content?.[0]?.text ?? error?.message ?? `HTTP ${status}`, ms: performance.now() - since };
}

/** Makes an API that all may call, and deploys it to Gateways. */
export async function deploy(ask: Ask, apiName: string, api: Record<string, unknown>): Promise<void> {
  const { api_id } = await done(ask<{ api_id: string }>('POST', '/v1/apis', { name: apiName, ...openToAll(), ...api }));
  await done(ask('POST', '/v1/deployments', { api_id, targets: { modes: ['edge_mcp'] } }));
}

/** The word that opens an API to every consumer, where the contract knows one. */
function openToAll(): Record<string, unknown> {
  const { properties } = controlPlaneDocument.components.schemas.ApiRequest as { properties: Record<string, unknown> };
  return 'open_to_all_consumers' in properties ? { open_to_all_consumers: true } : {};
}

const behaviours: Record<string, RequestListener> = {
  good: (_request, response) => void response.writeHead(200, json).end('{"is":"good"}'),
  // Takes the request and never answers.
  silent: () => {},
  // Breaks off in the middle of what it has announced.
  truncated: (_request, response) => {
    response.writeHead(200, { ...json, 'content-length': '1000' });
    response.write('{"is":', () => response.destroy());
  },
  nonsense: (_request, response) => void response.writeHead(200, json).end('<html>not JSON'),
  endless: (_request, response) => {
    response.writeHead(200, json);
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  },
};

const json = { 'content-type': 'application/json' };

const arrivals = new Map<string, number>();

function behave(...[request, response]: Parameters<RequestListener>): void {
  const asked = new URL(request.url ?? '', 'http://upstream').pathname.slice(1);
  arrivals.set(asked, (arrivals.get(asked) ?? 0) + 1);
  const behaviour = behaviours[asked];
  if (behaviour === undefined) response.writeHead(404).end();
  else behaviour(request, response);
}

function describe(): Record<string, unknown> {
  const answer = { 200: { description: 'OK', content: { 'application/json': { schema: { type: 'object' } } } } };
  const paths = Object.keys(behaviours).map((behaviour) => [`/${behaviour}`, { get: { operationId: behaviour, responses: answer } }]);
  return { openapi: '3.1.0', info: { title: 'Laboratory', version: '1' }, paths: Object.fromEntries(paths) as Record<string, unknown> };
}
