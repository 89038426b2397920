import { createHash } from 'node:crypto';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { ApiError, invalid } from '../errors.ts';

/**
 * The strong entity tag (RFC 9110 §8.8.3) of what an operator can edit, as the header that carries it: equal for equal states. What only
 * others change, such as how a deployment fares on its gateways, is no part of the state, or nobody could edit a busy thing.
 */
export function entityTag(state: object): { ETag: string } {
  const hash = createHash('sha256').update(canonicalJson(state)).digest('base64url');
  return { ETag: `"${hash.slice(0, 22)}"` };
}

// RFC 9110 §8.8.3 and §5.6.1: a list may have empty elements.
const entityTags = /^(?:[ \t]*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")?[ \t]*(?:,|$))+$/;

/** Refuses a change that was made up from another state than the present one: `If-Match` (RFC 9110 §13.1.1), where the request has it. */
export function requireMatch(headers: unknown, present: object): void {
  const given = (headers as Record<string, string | undefined>)['if-match']?.trim();
  if (given === undefined || given === '*') return;
  const { ETag } = entityTag(present);
  const tags: readonly string[] = entityTags.test(given) ? (given.match(/(?:W\/)?"[^"]*"/g) ?? []) : [];
  const pointer = '/headers/if-match';
  if (tags.length === 0)
    throw invalid([{ pointer, message: `is no entity tag: send the ETag of an answer as it came, with its quotes, ${ETag} at present, or *` }]);
  // By strong comparison: a weak tag fits nothing.
  if (tags.includes(ETag)) return;
  const errors = [{ pointer, message: `must hold ${ETag}` }];
  const isWeak = tags.every((tag) => tag.startsWith('W/'));
  if (isWeak)
    throw new ApiError(412, `If-Match compares strongly, and a weak entity tag (W/…) fits nothing: send the ETag as it came, ${ETag} at present.`, {
      code: 'weak_entity_tag',
      errors,
    });
  throw new ApiError(412, `Somebody changed it meanwhile. Read it again, and send your change with the ETag of that answer, ${ETag} at present.`, {
    code: 'changed_meanwhile',
    errors,
  });
}
