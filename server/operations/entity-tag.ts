import { createHash } from 'node:crypto';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { ApiError } from '../errors.ts';

/**
 * The strong entity tag (RFC 9110 §8.8.3) of what an operator can edit, as the header that carries it: equal for equal states. What only
 * others change, such as how a deployment fares on its gateways, is no part of the state, or nobody could edit a busy thing.
 */
export function entityTag(state: object): { ETag: string } {
  const hash = createHash('sha256').update(canonicalJson(state)).digest('base64url');
  return { ETag: `"${hash.slice(0, 22)}"` };
}

/** Refuses a change that was made up from another state than the present one: `If-Match` (RFC 9110 §13.1.1), where the request has it. */
export function requireMatch(headers: unknown, present: object): void {
  const given = (headers as Record<string, string | undefined>)['if-match'];
  if (given === undefined || given.trim() === '*') return;
  const { ETag } = entityTag(present);
  // By strong comparison: a weak tag fits nothing.
  if (given.split(',').some((tag) => tag.trim() === ETag)) return;
  throw new ApiError(412, `Somebody changed it meanwhile. Read it again, and send your change with the ETag of that answer, ${ETag} at present.`, {
    code: 'changed_meanwhile',
    errors: [{ pointer: '/headers/if-match', message: `must hold ${ETag}` }],
  });
}
