import type { IncomingMessage, ServerResponse } from 'node:http';
import { contractRevision } from '@stoa/generated/contract-revision.ts';
import type { GatewayMode, RuntimeConfigState } from '@stoa/generated/schemas.ts';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { version } from '@stoa/lib/version.ts';

export type Probes = {
  readonly product: string;
  readonly gatewayMode: GatewayMode;
  /** What the runtime serves, `none` before the first configuration. Never asks the network. */
  readonly configState: () => RuntimeConfigState | Promise<RuntimeConfigState>;
  /** In the Prometheus text format. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
  /** How the MCP servers are that it serves; absent where there are none. */
  readonly mcpServers?: () => readonly { readonly name: string; readonly state: string; readonly reason?: string }[];
  /** What a chain of credentials names and there is not: nobody is let in by it. */
  readonly unknownCredentials?: () => readonly string[];
  /** The keys by which upstreams are told who calls; absent where nothing is said of callers. */
  readonly jwks?: () => object;
};

const jwksPath = '/.well-known/jwks.json';
const probePaths = new Set(['/healthz', '/readyz', '/version', '/metrics', jwksPath]);

export const isProbe = (path: string): boolean => probePaths.has(path);

/**
 * Answers the probes of openapi/runtime.yaml. Lesson 28: readiness never depends on the
 * Control Plane. An instance with a configuration, be it old or empty, is ready; only one that never had any is not.
 */
export async function answerProbe(probes: Probes, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendProblem(response, problem(405, { detail: `${path} answers GET.` }), { allow: 'GET, HEAD' });
  } else if (path === '/metrics') {
    send(response, probes.metrics.contentType, await probes.metrics.metrics());
  } else if (path === '/readyz') {
    answerReadiness(await probes.configState(), probes, response);
  } else if (path === jwksPath) {
    send(response, 'application/json', JSON.stringify(probes.jwks?.() ?? { keys: [] }), 'public, max-age=300');
  } else {
    const { product, gatewayMode } = probes;
    const body = path === '/healthz' ? { status: 'ok' } : { product, version, contract_revision: contractRevision, gateway_mode: gatewayMode };
    send(response, 'application/json', JSON.stringify(body));
  }
}

function answerReadiness(config: RuntimeConfigState, probes: Probes, response: ServerResponse): void {
  if (config.state === 'none') {
    const detail = 'No configuration has arrived yet: neither the Control Plane nor the state directory has given one.';
    sendProblem(response, problem(503, { detail, code: 'no_configuration' }), { 'retry-after': '1' });
    return;
  }
  const [servers, unknown] = [probes.mcpServers?.() ?? [], probes.unknownCredentials?.() ?? []];
  const told = { ...(servers.length > 0 && { mcp_servers: servers }), ...(unknown.length > 0 && { unknown_credentials: unknown }) };
  send(response, 'application/json', JSON.stringify({ status: 'ready', config, ...told }));
}

function send(response: ServerResponse, contentType: string, body: string, cacheControl = 'no-store'): void {
  response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), 'cache-control': cacheControl });
  response.end(body);
}
