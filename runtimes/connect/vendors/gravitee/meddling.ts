import type { Meddling } from '../../engine/model.ts';
import type { GraviteeObserved } from './observed.ts';
import { isOurFlow } from './names.ts';
import { listOf, recordOf } from './views.ts';

/** What others did to what is ours, and what lets others in. It is theirs, so that it is told and left. */
export function graviteeMeddling({ apis, applications }: GraviteeObserved): Meddling[] {
  return [...apis.values()].flatMap(({ entity, mark, plans, subscriptions, strangers, foreignDraft }): Meddling[] => {
    const name = String(entity['name']);
    const itemId = mark.item;
    const told = (label: string, kind: Meddling['kind'], detail: string): Meddling => ({ itemId, label, kind, detail });
    const foreignPlans = plans.flatMap(({ entity: plan, mark: own }) =>
      own === undefined
        ? [
            told(
              `plan ${String(plan['name'])} of ${name}`,
              'extra',
              'STOA Connect did not make it: once it is published and deployed, callers come in by it past the policies. Close it.',
            ),
          ]
        : [],
    );
    const flows = listOf(entity['flows']).filter((flow) => !isOurFlow(flow));
    const foreignFlows = flows.map((flow) =>
      told(
        `flow ${String(flow['name'] ?? flow['id'])} of ${name}`,
        'extra',
        'STOA Connect did not make it, and keeps it: requests that it selects are served, also where no operation takes them.',
      ),
    );
    const others = strangers.map((one) =>
      told(
        `subscription ${one.id} to ${name}`,
        'extra',
        `It lets the application ${String(recordOf(one['application'])['id'])} in, and STOA Connect did not make it. Close it, or subscribe a consumer.`,
      ),
    );
    const keys = subscriptions
      .filter((one) => one.keys.length > 1)
      .map((one) =>
        told(
          `subscription ${one.entity.id} to ${name}`,
          'extra',
          `It has ${one.keys.length - 1} keys that STOA Connect did not write, for ${String(applications.get(one.application)?.entity['name'])}. Revoke them, or mint the consumer keys of its own.`,
        ),
      );
    const drafts = foreignDraft === undefined ? [] : [told(`API ${name}`, 'changed', `${foreignDraft}: changed by somebody, and not deployed.`)];
    return [...foreignPlans, ...foreignFlows, ...others, ...keys, ...drafts];
  });
}
