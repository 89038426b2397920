import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { contractRevision } from '@stoa/generated/contract-revision.ts';
import type { Readiness, RuntimeConfigState, Version } from '@stoa/generated/schemas.ts';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { version } from '@stoa/lib/version.ts';
import type { AgentStatus } from './engine/agent.ts';
import { metricsContentType, renderMetrics } from './metrics.ts';

export type ProbeSources = {
  readonly agent: () => AgentStatus;
  readonly config: () => RuntimeConfigState;
  /** What the third-party gateway tells of itself, as numbers. */
  readonly health: () => Readonly<Record<string, number>>;
};

const product: Version = { product: 'STOA Connect', version, contract_revision: contractRevision, gateway_mode: 'connect' };

/**
 * Answers `/healthz`, `/readyz`, `/version` and `/metrics` (openapi/runtime.yaml) and nothing else: Connect serves no MCP.
 */
export function createProbes(sources: ProbeSources): RequestListener {
  const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
    '/healthz': (response) => sendJson(response, { status: 'ok' }),
    '/readyz': (response) => answerReadiness(sources, response),
    '/version': (response) => sendJson(response, product),
    '/metrics': (response) => send(response, metricsContentType, renderMetrics(sources.agent(), sources.health())),
  };
  return (request, response) => {
    const path = pathOf(request);
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (answer === undefined) return sendProblem(response, problem(404, { detail: 'STOA Connect serves /healthz, /readyz, /version and /metrics.' }));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendProblem(response, problem(405, { detail: `${path} answers GET.` }), { allow: 'GET, HEAD' });
    }
    return answer(response);
  };
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/';

/** The work of Connect needs the third-party gateway and some configuration; it does not need the Control Plane (lessons 20 and 28). */
function answerReadiness({ agent, config }: ProbeSources, response: ServerResponse): void {
  const { targetReachable, problem: reason } = agent();
  const state = config();
  const unavailable = (code: string, detail: string): void => sendProblem(response, problem(503, { code, detail }), { 'retry-after': '1' });
  if (targetReachable !== true) return unavailable('target_unavailable', reason ?? 'The third-party gateway has not answered yet.');
  if (state.state === 'none') return unavailable('no_configuration', state.reason ?? 'No configuration has arrived from the Control Plane yet.');
  return sendJson(response, { status: 'ready', config: state } satisfies Readiness);
}

const sendJson = (response: ServerResponse, body: unknown): void => send(response, 'application/json', JSON.stringify(body));

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' });
  response.end(body);
}
