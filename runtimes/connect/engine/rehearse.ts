import type { PlannedWrite } from '@stoa/generated/schemas.ts';
import { AdminError } from './admin-error.ts';
import { shorten } from './compare.ts';
import { leftFindings } from './leave.ts';
import type { Change } from './model.ts';
import { summarize } from './outcome.ts';
import type { PassOutcome } from './outcome.ts';
import { lookAndPlan } from './reconcile.ts';
import type { PassReading } from './reconcile.ts';

/** What a pass would do. `unavailable`: why nothing is known, for the gateway could not be read. */
export type RehearsedPass = { readonly outcome: PassOutcome; readonly changes: readonly Change[]; readonly unavailable?: string };

/** The first half of a pass: reads the gateway, compares, and says what would be written and what cannot be expressed. Writes nothing, and remembers nothing. */
export async function rehearse(input: PassReading): Promise<RehearsedPass> {
  const { items } = input.config;
  try {
    const { plan, rendered, found } = await lookAndPlan(input);
    const warnings = [...rendered.warnings, ...leftFindings(found.drift, found.left, plan.target)];
    return {
      outcome: summarize(items, [...rendered.rejections, ...plan.rejections], warnings),
      changes: plan.writes.flatMap(({ changes }) => changes),
    };
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return { outcome: { state: 'rejected', items: [], leftovers: [] }, changes: [], unavailable: shorten(error.message, 1000) };
  }
}

/** A change as a dry run tells it: what it writes holds secrets, and stays here. */
export const plannedWrite = ({ action, object, detail }: Change): PlannedWrite => ({
  action,
  object: shorten(object.label, 512),
  detail: shorten(detail, 1500),
  ...(object.owner !== '' && { item_id: object.owner }),
});
