import { describeDifferences, differences } from '../compare.ts';
import type { ManagedObject } from '../model.ts';
import type { KongEntity } from './entities.ts';

/** Fields whose arrays Kong keeps as sets. */
const unordered: ReadonlySet<string> = new Set(['tags', 'methods', 'protocols', 'access-control-request-method']);
const confidential: ReadonlySet<string> = new Set(['key']);

/**
 * Where an observed entity differs from an object, in words; undefined when it does not. As drift it reads from what was applied to what
 * was found, as an edit from what is there to what shall be.
 */
export function mismatch(object: ManagedObject, entity: KongEntity, as: 'drift' | 'edit'): string | undefined {
  const found = differences(object.fields, entity, unordered);
  if (found.length === 0) return undefined;
  const turned = as === 'drift' ? found : found.map(({ field, expected, found: other }) => ({ field, expected: other, found: expected }));
  return describeDifferences(turned, confidential);
}
