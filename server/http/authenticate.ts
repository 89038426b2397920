import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import type { ContractOperation, OperationId } from '@stoa/generated/operations.ts';
import type { Principal } from '../access/principal.ts';
import { sessionCookieOf } from '../access/session-cookie.ts';
import { requireRightSomewhere } from '../access/require-right.ts';
import type { ServerContext } from '../context.ts';
import { askedOf } from './request-context.ts';
import { ApiError, badCredential, forbidden, unauthorized } from '../errors.ts';

const kinds: Readonly<Record<string, string>> = {
  operator: "an operator's token",
  session: 'the cookie of a Console session',
  gatewayKey: 'a gateway key',
  metrics: 'the token of STOA_METRICS_TOKEN',
};

/**
 * Refuses a request without a credential of a kind that the contract names for the operation: 401 when there is none or it is
 * not good, 403 when it is good for something else or lacks the permission that the operation asks for. Runs before any body is read.
 */
export function authenticate(
  id: OperationId,
  operation: ContractOperation,
  context: Pick<ServerContext, 'authenticator' | 'publicUrl' | 'settings' | 'metrics' | 'audit' | 'callerOf'>,
): RequestHandler {
  const { authenticator, publicUrl, settings, metrics, audit } = context;
  return async (request, response, next) => {
    if (response.locals['operation'] === undefined) {
      response.locals['operation'] = operation;
      const observed = observedOf(response);
      observed?.isAt(operation.path);
      observed?.concerns(undefined, id);
      const since = performance.now();
      // A stream's time says nothing.
      if (id !== 'streamGatewayEvents')
        response.once('finish', () => metrics.noteRequest(id, response.statusCode, (performance.now() - since) / 1000));
    }
    if (operation.isPublic) return next();
    const bearer = bearerOf(request.headers.authorization);
    const cookie = bearer === undefined && operation.security.includes('session') ? sessionCookieOf(request.headers.cookie) : undefined;
    const credential = bearer ?? cookie;
    if (credential === undefined) throw unauthorized('Send a credential as `Authorization: Bearer …`.');
    if (operation.security.includes('metrics') && isMetricsToken(credential, settings.metricsToken)) return next();
    const principal = await authenticator.authenticate(credential);
    if (!principal || !travelsAsMeant(principal, cookie !== undefined)) throw badCredential('The credential is unknown, expired or revoked.');
    // A refusal from here on is one of somebody, and is recorded.
    response.locals['refusable'] = { principal, operationId: id };
    if (!accepts(operation, principal))
      throw forbidden(
        `This credential is of another kind than the operation takes: send ${operation.security.map((scheme) => kinds[scheme] ?? scheme).join(' or ')}.`,
      );
    if (principal.kind === 'operator') requireRightSomewhere(principal, id);
    if (cookie !== undefined) requireSameOrigin(request.method, request.headers, publicUrl());
    response.locals['principal'] = principal;
    if (principal.isUnused) audit.firstUses.note(principal, askedOf(context, request, id));
    next();
  };
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1); undefined when there is none. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header ?? '')?.[1];
}

/** Compared by digests, which takes as long for any two. */
function isMetricsToken(credential: string, token: Secret | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return token !== undefined && timingSafeEqual(digest(credential), digest(token.reveal()));
}

/** A session is for cookies and a token for headers: a stolen cookie is no bearer token. */
function travelsAsMeant(principal: Principal, inCookie: boolean): boolean {
  return (principal.kind === 'operator' && principal.via === 'session') === inCookie;
}

function accepts(operation: ContractOperation, principal: Principal): boolean {
  if (principal.kind === 'gateway_key') return operation.security.includes('gatewayKey');
  return operation.security.includes(principal.via === 'session' ? 'session' : 'operator');
}

/**
 * SameSite=Strict already keeps the cookie at home; a second wall for what changes something. A proxy may call this server by another
 * name than browsers do, which `STOA_PUBLIC_URL` then tells.
 */
function requireSameOrigin(method: string, { origin, host }: { origin?: string | undefined; host?: string | undefined }, publicUrl: string): void {
  if (method === 'GET' || method === 'HEAD') return;
  const from = origin === undefined ? undefined : URL.parse(origin);
  if (!from || (from.host !== host && from.origin !== URL.parse(publicUrl)?.origin)) {
    throw new ApiError(403, "A browser session may change things from this server's own pages only.", { code: 'foreign_origin' });
  }
}
