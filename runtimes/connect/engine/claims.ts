import type { ApiItem, ApiOperation } from '@stoa/generated/schemas.ts';
import type { Capabilities } from './capabilities.ts';
import type { ApiIntent, Finding, Incumbent, Rejection, Transform } from './model.ts';
import { exposureFault, judgeUpstream, operationFault } from './traits.ts';

export type ClaimOf = Transform['claim'];
type Candidate = Omit<ApiIntent, 'operations'>;
type Draft = { rejections: Rejection[]; warnings: Finding[] };
type Claimed = { readonly operation: ApiOperation; readonly claim: string };
/** The operations of one API that a gateway can expose, with the requests that they take, and what it cannot expose. */
export type ApiClaims = {
  readonly claimed: readonly Claimed[];
  readonly warnings: readonly Finding[];
  /** Why the gateway cannot serve it as it is. It takes no requests then, but for those that it has. */
  readonly fault?: string | undefined;
};

type Judge = {
  readonly claimsOf: (api: ApiItem) => ApiClaims;
  readonly incumbents: ReadonlyMap<string, Incumbent>;
};

/**
 * Gives each API those of its operations that the gateway can expose and nobody else has. Two may not take the same requests, for the gateway would send them
 * to either: what is in force stays, and of two that are new the first by its id gets them.
 */
export function claimOperations(candidates: readonly Candidate[], { claimsOf, incumbents }: Judge, draft: Draft): ApiIntent[] {
  const adopted = new Set(candidates.flatMap(({ api }) => (api.adopted === undefined ? [] : [api.id])));
  const holders = holdersOf(candidates, claimsOf, incumbents, adopted);
  return candidates.map((candidate): ApiIntent => {
    const { api } = candidate;
    // Its own routes take what they take.
    if (adopted.has(api.id)) return { ...candidate, operations: [] };
    const { claimed, warnings, fault } = claimsOf(api);
    draft.warnings.push(...warnings);
    if (fault !== undefined) {
      draft.rejections.push({ itemId: api.id, phase: 'render', reason: fault, effect: 'hold' });
      return { ...candidate, operations: claimed.map(({ operation }) => operation) };
    }
    const lost = claimed.flatMap(({ operation, claim }) => {
      const holder = holders.get(claim);
      return holder === undefined || holder.itemId === api.id ? [] : [{ operation, reason: `${claim} is taken by ${holder.label}` }];
    });
    const gone = new Set(lost.map(({ operation }) => operation));
    const operations = claimed.flatMap(({ operation }) => (gone.has(operation) ? [] : [operation]));
    if (lost.length > 0 && operations.length === 0) {
      const reason = `${lost[0]?.reason}; a path or host of its own would part them.`;
      draft.rejections.push({ itemId: api.id, phase: 'render', reason, effect: 'hold' });
    } else {
      draft.warnings.push(...lost.map(({ operation, reason }) => notExposed(api, operation, reason)));
    }
    return { ...candidate, operations };
  });
}

/** What an API asks of a gateway, operation by operation. Pure: it follows from the API alone. */
export function claimsOfApi(api: ApiItem, capabilities: Capabilities, claimOf: ClaimOf): ApiClaims {
  const claims = new Set<string>();
  const ids = new Set<string>();
  const warnings: Finding[] = [];
  const claimed = api.operations.flatMap((operation): Claimed[] => {
    const fault = operationFault(capabilities, api, operation);
    const found = fault === undefined ? claimOf(api, operation) : { fault };
    const reason =
      'fault' in found
        ? found.fault
        : claims.has(found.claim)
          ? `another operation takes ${found.claim}`
          : ids.has(operation.operation_id)
            ? 'another operation has its operationId'
            : undefined;
    if ('fault' in found || reason !== undefined) {
      warnings.push(notExposed(api, operation, reason ?? ''));
      return [];
    }
    claims.add(found.claim);
    ids.add(operation.operation_id);
    return [{ operation, claim: found.claim }];
  });
  const { fault, warnings: remarks } = judgeUpstream(capabilities, api);
  warnings.push(...remarks.map((reason): Finding => ({ itemId: api.id, phase: 'render', reason })));
  return { claimed, warnings, fault: exposureFault(capabilities, api) ?? fault };
}

const notExposed = (api: ApiItem, { operation_id: id }: ApiOperation, reason: string): Finding => ({
  itemId: api.id,
  phase: 'render',
  reason: `Operation ${id} is not exposed: ${reason}.`,
});

/** Who gets which requests: only claims that are contested, or held by somebody else, matter. */
function holdersOf(
  candidates: readonly Candidate[],
  claimsOf: Judge['claimsOf'],
  incumbents: ReadonlyMap<string, Incumbent>,
  adopted: ReadonlySet<string>,
): ReadonlyMap<string, Incumbent> {
  const holders = new Map<string, Incumbent>();
  for (const { api } of candidates) {
    if (adopted.has(api.id)) continue;
    const own: Incumbent = { itemId: api.id, label: `the API ${api.name}` };
    const { claimed, fault } = claimsOf(api);
    for (const { claim } of claimed) {
      const incumbent = incumbents.get(claim);
      if (fault !== undefined && incumbent?.itemId !== api.id) continue;
      // What is not ours stays. One of ours that does not want it any more makes room.
      if (incumbent !== undefined && (incumbent.itemId === undefined || adopted.has(incumbent.itemId))) holders.set(claim, incumbent);
      else if (!holders.has(claim) || incumbent?.itemId === api.id) holders.set(claim, own);
    }
  }
  return holders;
}
