import { mismatch } from '../../engine/compare.ts';
import type { ComparisonRules } from '../../engine/compare.ts';
import type { ManagedObject } from '../../engine/model.ts';
import type { KongEntity } from './entities.ts';

const rules: ComparisonRules = {
  unordered: new Set(['tags', 'methods', 'protocols', 'access-control-request-method']),
  confidential: new Set(['key', 'config.redis.password']),
};

/** Where an observed entity differs from an object, in words; undefined when it does not. */
export function kongMismatch(object: ManagedObject, entity: KongEntity, as: 'drift' | 'edit'): string | undefined {
  // Both are the very ones of the pass before where nothing changed: thousands are not compared again for one that did.
  if (alike.get(object) === entity) return undefined;
  const found = mismatch(object.fields, entity, as, rules);
  if (found === undefined) alike.set(object, entity);
  return found;
}

const alike = new WeakMap<ManagedObject, KongEntity>();
