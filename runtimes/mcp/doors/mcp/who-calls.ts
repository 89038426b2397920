import type { IncomingMessage, ServerResponse } from 'node:http';
import { identify } from '../../decide/identify.ts';
import { standInFor } from '../../decide/proofs/certificate-caller.ts';
import type { Caller, Snapshot } from '../../model.ts';
import { challengeOf, challengesTo, isOffence } from '../challenge.ts';
import type { RefusedCaller } from '../challenge.ts';
import type { Chosen, DoorContext, PresentedHere } from './exchange.ts';
import { errorCode, sendRpcError } from './json-rpc.ts';
import { mcpPath, whereTokensAre } from './protected-resource.ts';
import type { Resource } from './protected-resource.ts';

/** Who calls, as the chain of the endpoint has it. What is presented in `Authorization` and is not good is no way in, whatever comes beside it. */
export function whoCalls({ engine, whoIs, chain }: DoorContext, snapshot: Snapshot, { credential, proven, headers }: PresentedHere): Chosen | null {
  const authorized = credential === null ? null : whoIs(snapshot, credential, proven);
  if (credential !== null && authorized === null) return null;
  const { 'x-api-key': key } = headers;
  const keyBeside = (): Caller | null => (typeof key === 'string' ? identify(snapshot, key, engine.now()) : null);
  const caller = chain.callerOf(snapshot, { authorized, keyBeside, certificate: proven.certificate });
  if (caller === null) return null;
  if (credential !== null && caller === authorized) return { caller, credential };
  if (caller.keyId !== undefined) return { caller, credential: String(key) };
  return {
    caller,
    credential: standInFor(caller.isAnonymous === true ? { anonymous: caller.consumerName } : { certificate: proven.certificate?.names ?? [] }),
  };
}

export const refusedFor = ({ credential, proven: { scheme, fault } }: PresentedHere): RefusedCaller => ({
  hadCredential: credential !== null,
  scheme,
  proofFault: fault?.kind === 'undecided' ? undefined : fault,
});

export const resourceOf = ({ engine, chain }: DoorContext): Resource => ({ publicUrl: engine.publicUrl, issuers: chain.issuersIn(engine.snapshot) });

export async function refuseCaller(context: DoorContext, request: IncomingMessage, response: ServerResponse, refused: RefusedCaller): Promise<void> {
  const { engine, chain } = context;
  const nobody = { operation: undefined, consumerId: undefined, keyId: undefined, durationMs: 0, requestBytes: 0, responseBytes: 0 };
  engine.meter.record({ door: 'mcp', outcome: 'unauthenticated', ...nobody, addressOf: () => engine.addressOf(request) });
  if (isOffence(refused)) await engine.refusalMayGo(request);
  const what = !chain.isUsual ? 'credential' : engine.snapshot.issuers.size > 0 ? 'consumer key or token' : 'consumer key';
  const headers = challengesTo(engine, refused, whereTokensAre(resourceOf(context), request.url ?? mcpPath));
  sendRpcError(response, 401, { code: errorCode.server, message: `Unauthorized: ${reasonOf(refused, what)}` }, { headers });
}

function reasonOf({ hadCredential, scheme, proofFault }: RefusedCaller, what: string): string {
  if (what === 'credential' && proofFault === undefined)
    return hadCredential ? 'what was presented is unknown, expired or revoked, or not all that is demanded here.' : 'present what is demanded here.';
  if (!hadCredential) return `send a ${what} as Authorization: Bearer.`;
  if (proofFault?.kind === 'nonce') return 'put the nonce of DPoP-Nonce into the proof.';
  if (proofFault?.kind === 'bad') return `the proof in DPoP is not accepted: ${proofFault.reason}.`;
  return scheme === 'dpop'
    ? 'the token is unknown, expired or revoked, or not bound to a key: send such a one as Authorization: Bearer.'
    : `the ${what} is unknown, expired or revoked, or bound to a key: send such a one as Authorization: DPoP.`;
}

/** The challenge to a client whose token lacks scopes. */
export const scopeChallenge = (context: DoorContext, url: string, { token }: Caller, scopes: readonly string[]): string =>
  challengeOf({
    scheme: token?.bound?.jkt === undefined ? 'Bearer' : 'DPoP',
    error: 'insufficient_scope',
    ...whereTokensAre(resourceOf(context), url, scopes),
  });

/** A token that its issuer gave with other scopes than every token must have. */
export function refuseScopes(context: DoorContext, request: IncomingMessage, response: ServerResponse, caller: Caller): void {
  const { engine } = context;
  const { consumerId, keyId, token } = caller;
  const nothing = { operation: undefined, durationMs: 0, requestBytes: 0, responseBytes: 0 };
  engine.meter.record({
    door: 'mcp',
    outcome: 'forbidden',
    decided: { kind: 'scopes_missing' },
    consumerId,
    keyId,
    ...nothing,
    addressOf: () => engine.addressOf(request),
  });
  const scopes = engine.snapshot.issuers.get(token?.issuer ?? '')?.rules.scopes ?? token?.missingScopes ?? [];
  const message = `Forbidden: the token needs these scopes: ${scopes.join(' ')}.`;
  const challenge = scopeChallenge(context, request.url ?? mcpPath, caller, scopes);
  sendRpcError(response, 403, { code: errorCode.server, message }, { headers: { 'www-authenticate': challenge } });
}

export function refuseForNow(response: ServerResponse, message: string): void {
  sendRpcError(response, 503, { code: errorCode.server, message }, { headers: { 'retry-after': '1' } });
}

export function refuseMethod(response: ServerResponse): void {
  sendRpcError(response, 405, { code: errorCode.server, message: 'Method not allowed.' }, { headers: { allow: 'DELETE, GET, HEAD, POST' } });
}
