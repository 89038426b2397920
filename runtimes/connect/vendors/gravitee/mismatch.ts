import { isRecord, mismatch } from '../../engine/compare.ts';
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

/** What was found, without the fields that Gravitee filled in besides ours, and in our order. */
function within(expected: unknown, found: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(found)) {
    return expected.length === found.length ? expected.map((one, index) => within(one, found[index])) : found;
  }
  if (!isRecord(expected) || !isRecord(found)) return found;
  return Object.fromEntries(Object.keys(expected).map((name) => [name, within(expected[name], found[name])]));
}
