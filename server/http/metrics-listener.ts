import type { RequestListener } from 'node:http';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import type { ControlPlaneMetrics } from '../metrics.ts';

/** Answers `GET /metrics` and nothing else, to whoever reaches the address of its own that an operator gave it. */
export function metricsListener(metrics: ControlPlaneMetrics): RequestListener {
  return async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics')
      return sendProblem(response, problem(404, { detail: 'There is nothing here but GET /metrics.' }));
    const text = await metrics.text();
    response.writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' });
    response.end(text);
  };
}
