import { randomUUID } from 'node:crypto';
import type { RequestListener, ServerResponse } from 'node:http';
import type { RegisterRequest } from '@stoa/generated/schemas.ts';
import { validateRegisterRequest } from '@stoa/generated/validators.js';
import type { ServerContext } from '../context.ts';
import { overloaded, toProblem } from '../errors.ts';
import { registerInstance } from '../fleet/register-instance.ts';
import { takeLane, withGatewayKey } from './lane.ts';
import type { Lane } from './lane.ts';
import { requestContext } from './request-context.ts';

const registerPath = '/v1/internal/gateways/register';
const overload = JSON.stringify(toProblem(overloaded(1)).problem).slice(0, -1);

/** Answers good registrations, and tells those that find no room when to come back before anything of their body is read. */
export function registrationLane(context: ServerContext, ordinary: RequestListener): RequestListener {
  const laneOf = (response: ServerResponse): Lane<RegisterRequest> => ({
    operation: 'registerGateway',
    isBody: validateRegisterRequest,
    answer: async (principal, body) => ({
      status: 200,
      body: await registerInstance(requestContext(context, response, 'registerGateway', { principal, document: undefined }), principal, body),
    }),
  });
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== registerPath) return ordinary(request, response);
    withGatewayKey(context, 'registerGateway', [request, response, ordinary], (principal) => {
      const refusal = context.registrations.refusal();
      if (refusal) tellToComeLater(response, refusal.retryAfterS);
      else takeLane(context, laneOf(response), principal, [request, response, ordinary]);
    });
  };
}

/** The answer of every overload, put together beforehand. */
function tellToComeLater(response: ServerResponse, retryAfterS: number): void {
  const requestId = randomUUID();
  const text = `${overload},"request_id":"${requestId}"}`;
  response.writeHead(503, {
    'Content-Type': 'application/problem+json',
    'Content-Length': text.length,
    'Cache-Control': 'no-store',
    'Retry-After': retryAfterS,
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
  });
  response.end(text);
}
