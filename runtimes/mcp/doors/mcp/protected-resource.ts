import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import type { Engine } from '../../engine.ts';
import { proofAlgorithms } from '../../decide/proofs/proof-judge.ts';
import type { IssuerEntry } from '../../model.ts';
import type { WhereTokensAre } from '../challenge.ts';

export const mcpPath = '/mcp';
/** RFC 9728 §3. */
const wellKnown = '/.well-known/oauth-protected-resource';

type Addressed = Pick<Engine, 'publicUrl'>;
/** The endpoint, and whose tokens let in there. */
export type Resource = Addressed & { readonly issuers: readonly IssuerEntry[] };

/** Whether a path is that of the endpoint, with a slash at the end or without, as people type it. */
export const isMcpPath = (path: string): boolean => path === mcpPath || path === `${mcpPath}/`;

/** The name of a tool set, whose address this is. */
export const setNameIn = (path: string): string | undefined => /^\/mcp\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\/?$/.exec(path)?.[1];

/** Whether a token's audience is the endpoint of this path: clients ask for the address that they were given, with a slash or a query at its end. */
export function isMcpAudience({ publicUrl }: Addressed, audience: string, path = mcpPath): boolean {
  return publicUrl !== undefined && audience.replace(/\?.*$/s, '').replace(/\/$/, '') === `${publicUrl}${path}`;
}

/** The address of a request below the public URL; scheme and host are never the request's. What a header could not carry is left out. */
const addressed = (url: string): string => (/^[\x21\x23-\x5b\x5d-\x7e]{1,2048}$/.test(url) ? url : mcpPath);

/** What agents ask for: the scopes that every token must have, and those that some API demands. */
export function scopesOf({ issuers }: Pick<Resource, 'issuers'>): { first: string[]; all: string[] } {
  const rules = issuers.map((issuer) => issuer.rules);
  const first = rules.flatMap(({ scopes = [], optional_scopes: more = [], ask_for_all_scopes: isAll }) =>
    isAll === true ? [...scopes, ...more] : scopes,
  );
  const all = rules.flatMap(({ scopes = [], optional_scopes: more = [] }) => [...scopes, ...more]);
  return { first: [...new Set(first)], all: [...new Set(all)] };
}

/** Where a client of the endpoint learns who gives tokens, and which scopes to ask for. */
export function whereTokensAre({ publicUrl, issuers }: Resource, url: string, scopes?: readonly string[]): WhereTokensAre {
  if (issuers.length === 0 || publicUrl === undefined) return { scopes };
  return { scopes: scopes ?? scopesOf({ issuers }).first, metadataUrl: `${publicUrl}${wellKnown}${addressed(url)}` };
}

/**
 * Answers the metadata of the endpoint (RFC 9728 §3.2), at the well-known place and below it at the endpoint's own path, as it was asked for; and that of every tool set, whether it is there or
 * not: this is told to whoever may use it. False for other paths.
 */
export function answerMetadata({ publicUrl, issuers }: Resource, path: string, request: IncomingMessage, response: ServerResponse): boolean {
  if (!path.startsWith(wellKnown)) return false;
  const suffix = path.slice(wellKnown.length);
  const isOfSet = setNameIn(suffix) !== undefined;
  if (suffix !== '' && suffix !== '/' && !isMcpPath(suffix) && !isOfSet) return false;
  if (issuers.length === 0 || publicUrl === undefined) {
    sendProblem(response, problem(404, { detail: 'No issuer is trusted here: callers present consumer keys.' }));
    return true;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS') {
    sendProblem(response, problem(405, { detail: `${path} answers GET.` }), { allow: 'GET, HEAD, OPTIONS' });
    return true;
  }
  const asked = addressed((request.url ?? '').slice(wellKnown.length));
  const body = JSON.stringify({
    resource: `${publicUrl}${isMcpPath(suffix) || isOfSet ? asked : mcpPath}`,
    authorization_servers: issuers.map(({ rules }) => rules.issuer),
    scopes_supported: scopesOf({ issuers }).all,
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: proofAlgorithms,
    ...(issuers.every(({ rules }) => rules.dpop_bound_access_tokens_required) && { dpop_bound_access_tokens_required: true }),
  });
  // Agents in browsers read it before they have anything that could be stolen.
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-cache',
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'MCP-Protocol-Version',
  });
  response.end(request.method === 'GET' ? body : undefined);
  return true;
}
