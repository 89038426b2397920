import { mismatch } from '../../engine/compare.ts';
import type { ComparisonRules } from '../../engine/compare.ts';
import type { Inspected, ManagedObject, Marked, PlanInput, WritePlan } from '../../engine/model.ts';
import { planDocument } from '../../engine/plan-document.ts';
import { fileOf, render } from './document.ts';
import type { NginxFrame } from './document.ts';
import type { NginxObserved } from './fetch.ts';

/** A file whole, or none. */
export type NginxWrite = { readonly file: string; readonly text: string | undefined };

// What a header is set to may be a secret, and what a key is checked by is of nobody's concern.
const rules: ComparisonRules = { unordered: new Set(), confidential: new Set(['config', 'keys']) };

/** All that is ours is one file: one write. Pure. */
export function planNginx(input: PlanInput<NginxObserved>, frame: NginxFrame): WritePlan<NginxWrite> {
  return planDocument(input, {
    gateway: inspectNginx(input.observed, frame),
    roleOf: ({ kind }) => (kind === 'route' ? 'exposure' : kind === 'guard' ? 'guard' : 'caller'),
    payloadOf: (target) => ({ file: fileOf(frame.gatewayId), text: render(target, frame) }),
  });
}

export function inspectNginx({ objects, isAltered, isUnserved }: NginxObserved, { gatewayId }: NginxFrame): Inspected<ManagedObject> {
  const file = fileOf(gatewayId);
  const extra = (label: string): Marked => ({ id: `${file} ${label}`, itemId: undefined, label });
  return {
    find: (_kind, id) => objects.get(id),
    mismatch: ({ fields }, found) => mismatch(fields, found.fields, 'drift', rules),
    marked: [
      ...[...objects.values()].map(({ id, owner, label }) => ({ id, itemId: owner, label })),
      ...(isAltered ? [extra(`something in ${file} that STOA Connect did not write`)] : []),
      ...(isUnserved ? [extra(`an nginx that runs something else than ${file} says`)] : []),
    ],
  };
}
