import { mismatch, within } from '../../engine/compare.ts';
import type { ComparisonRules } from '../../engine/compare.ts';
import type { ManagedObject } from '../../engine/model.ts';
import type { Found } from './observed.ts';

const rules: ComparisonRules = {
  unordered: new Set(['labels', 'characteristics', 'allowOrigin', 'allowMethods', 'allowHeaders', 'exposeHeaders']),
  confidential: new Set(['key']),
};

/** Where an object that is there differs from what it shall be, in words; undefined when it does not. */
export function graviteeMismatch(object: ManagedObject, { view }: Found, as: 'drift' | 'edit'): string | undefined {
  const { fields } = object;
  if (object.kind !== 'subscription') return mismatch(fields, { ...view, flows: within(fields['flows'], view['flows']) }, as, rules);
  // Of its keys ours has to be there; what others there are is told of elsewhere.
  const { keys, ...found } = view;
  const isThere = Array.isArray(keys) && keys.includes(fields['key']);
  return mismatch({ ...fields, key: true }, { ...found, key: isThere }, as, rules);
}
