import type { ApiEntry, ApiPolicies, Caller, Snapshot, TokenDemand, ToolEntry } from '../model.ts';

/** Who presents what: a key, a token, or both; or, where he presents nothing, whose certificate he has. */
export type Presented = { readonly key: Caller | null; readonly token: Caller | null; readonly certificate: Caller | null };

export type ChainVerdict =
  | { readonly kind: 'satisfied'; readonly caller: Caller }
  | { readonly kind: 'refused' }
  /** The token is the right one, but for scopes. */
  | { readonly kind: 'scopes_missing'; readonly caller: Caller; readonly scopes: readonly string[] };

type Demands = Pick<ApiPolicies, 'tokens' | 'keys'>;

/**
 * Whether what a request presents is what the policies of an API demand: a key where there is an `api_key_auth`, a token that meets one of the `jwt_auth`, and both, of one
 * consumer, where there are both, but for an `api_key_auth` with `or_token`: then the key alone does, or the token. Without any, either lets in, the key first, and then a certificate.
 * Wherever a token counts, the key of another consumer beside it counts for nothing: else anybody's key would make good somebody else's token.
 */
export function judgeChain({ tokens, keys }: Demands, { key, token, certificate }: Presented): ChainVerdict {
  if (tokens.length === 0 && keys === 'demanded') return satisfiedBy(key);
  const ownKey = keyOf(token, key);
  if (tokens.length === 0 && keys === 'optional') return satisfiedBy(ownKey ?? token ?? certificate);
  if (tokens.length === 0 || (keys === 'or_token' && ownKey !== null)) return satisfiedBy(ownKey ?? token);
  if (token?.token === undefined) return refused;
  const { issuer, audiences, scopes } = token.token;
  const fitting = tokens.filter((demand) => demand.issuer === issuer && demand.audiences.some((audience) => audiences.includes(audience)));
  if (fitting.length === 0 || (keys === 'demanded' && ownKey === null)) return refused;
  if (fitting.some((demand) => demand.scopes.every((scope) => scopes.has(scope)))) return satisfiedBy(token);
  return { kind: 'scopes_missing', caller: token, scopes: fitting[0]?.scopes ?? [] };
}

const refused: ChainVerdict = { kind: 'refused' };
const satisfiedBy = (caller: Caller | null): ChainVerdict => (caller === null ? refused : { kind: 'satisfied', caller });

/** A key that comes beside a token, where it is of the same consumer. */
const keyOf = (token: Caller | null, key: Caller | null): Caller | null => (token === null || key?.consumerId === token.consumerId ? key : null);

/** The key that a request carries in one of these headers, beside its token; null without one. */
export type KeyIn = (headers: readonly string[]) => Caller | null;

/** What a caller by one credential presents to an API that may demand another one besides. Whoever calls by a token stays who he is: a key of somebody else is none of his. */
export function presentedBy(caller: Caller, { keyHeaders }: Pick<ApiPolicies, 'keyHeaders'>, keyIn: KeyIn | undefined): Presented {
  const beside = (): Caller | null => (keyHeaders.length === 0 ? null : keyOf(caller, keyIn?.(keyHeaders) ?? null));
  if (caller.presentsNothing === true) return { key: beside(), token: null, certificate: caller };
  if (caller.token === undefined) return { key: caller, token: null, certificate: null };
  return { key: beside(), token: caller, certificate: null };
}

const demanding = new WeakMap<ReadonlyMap<string, ApiEntry>, readonly ApiEntry[]>();
const shortened = new WeakMap<readonly ToolEntry[], Map<string, readonly ToolEntry[]>>();
const maxShortened = 64;

/**
 * Of a list of tools those whose APIs take what is presented; the same array for the same, so that a door can keep what it rendered. A tool that misses nothing but scopes is listed:
 * who calls it is told which.
 */
export function withinChains({ apis }: Snapshot, tools: readonly ToolEntry[], caller: Caller, keyIn: KeyIn | undefined): readonly ToolEntry[] {
  const closed = demandingIn(apis).filter(({ policies }) => judgeChain(policies, presentedBy(caller, policies, keyIn)).kind === 'refused');
  if (closed.length === 0) return tools;
  const name = closed.map(({ id }) => id).join(' ');
  const known = shortened.get(tools) ?? new Map<string, readonly ToolEntry[]>();
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= maxShortened) known.clear();
  const hidden = new Set(closed);
  const list = tools.filter(({ operation: { api } }) => !hidden.has(api));
  shortened.set(tools, known.set(name, list));
  return list;
}

function demandingIn(apis: Snapshot['apis']): readonly ApiEntry[] {
  const known = demanding.get(apis);
  if (known !== undefined) return known;
  const found = [...apis.values()].filter(({ policies }) => policies.keys === 'demanded' || policies.tokens.length > 0);
  demanding.set(apis, found);
  return found;
}

/** The audiences that the policies of an API accept of tokens of an issuer. */
export const isAudienceOf =
  (tokens: readonly TokenDemand[]) =>
  (audience: string, issuer: string): boolean =>
    tokens.some((demand) => demand.issuer === issuer && demand.audiences.includes(audience));
