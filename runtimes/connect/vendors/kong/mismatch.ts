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
  return mismatch(object.fields, entity, as, rules);
}
