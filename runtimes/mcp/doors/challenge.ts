import type { Unauthenticated } from '../decide/authorize-request.ts';
import { proofAlgorithms } from '../decide/proofs/proof-judge.ts';
import type { Engine } from '../engine.ts';

/** What to tell a client that lacks something: nothing more where it sent no credential (RFC 6750 §3.1). */
export type Challenged = {
  /** By which a token comes; `Bearer` when absent. */
  readonly scheme?: 'Bearer' | 'DPoP' | undefined;
  readonly error?: 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce' | undefined;
  /** For people. */
  readonly description?: string | undefined;
} & WhereTokensAre;

export type WhereTokensAre = {
  /** Which the token needs. */
  readonly scopes?: readonly string[] | undefined;
  /** Where a client learns who gives tokens (RFC 9728 §5.1). */
  readonly metadataUrl?: string | undefined;
};

export type ChallengingEngine = Pick<Engine, 'snapshot' | 'proofs'>;
export type RefusedCaller = Omit<Unauthenticated, 'kind'>;

/** The challenge of every door, the value of `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1). */
export function challengeOf({ scheme = 'Bearer', error, description, scopes = [], metadataUrl }: Challenged): string {
  const parts = ['realm="stoa"'];
  if (error !== undefined) parts.push(`error="${error}"`);
  if (description !== undefined) parts.push(`error_description="${description}"`);
  if (scheme === 'DPoP') parts.push(`algs="${proofAlgorithms.join(' ')}"`);
  if (scopes.length > 0) parts.push(`scope="${scopes.join(' ')}"`);
  if (metadataUrl !== undefined) parts.push(`resource_metadata="${metadataUrl}"`);
  return `${scheme} ${parts.join(', ')}`;
}

/** To a client whose token lacks scopes, by the scheme that it came by. */
export const scopeChallengeOf = ({ scopes, isBound }: { readonly scopes: readonly string[]; readonly isBound?: boolean }): string =>
  challengeOf({ scheme: isBound === true ? 'DPoP' : 'Bearer', error: 'insufficient_scope', scopes });

/**
 * The headers of a 401: by which scheme a token is wanted, what was wrong with the one that came, and the nonce for the next proof, where that is what was missing.
 */
export function challengesTo({ snapshot, proofs }: ChallengingEngine, refused: RefusedCaller, where: WhereTokensAre = {}): Record<string, string> {
  const { hadCredential, scheme, proofFault } = refused;
  if (scheme === 'dpop') {
    const challenge = challengeOf({ scheme: 'DPoP', ...faultOf(refused), ...where });
    return { 'www-authenticate': challenge, ...(proofFault?.kind === 'nonce' && { 'dpop-nonce': proofs.nonce }) };
  }
  const wantsProof = [...snapshot.issuers.values()].some(({ rules }) => rules.dpop_bound_access_tokens_required === true);
  const bearer = challengeOf({ error: hadCredential ? 'invalid_token' : undefined, ...where });
  // Clients that know one scheme read the first.
  return { 'www-authenticate': wantsProof ? `${bearer}, ${challengeOf({ scheme: 'DPoP', ...where })}` : bearer };
}

function faultOf({ proofFault }: RefusedCaller): Pick<Challenged, 'error' | 'description'> {
  if (proofFault === undefined) return { error: 'invalid_token' };
  if (proofFault.kind === 'nonce') return { error: 'use_dpop_nonce', description: 'Put the nonce of DPoP-Nonce into the proof.' };
  return { error: 'invalid_dpop_proof', description: `The proof is not accepted: ${proofFault.reason}.` };
}

/** Whether who is refused presented what is not good: asking for a nonce is how a client begins. */
export const isOffence = ({ hadCredential, proofFault }: RefusedCaller): boolean => hadCredential && proofFault?.kind !== 'nonce';
