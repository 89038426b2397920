import type { Api, Json, Plan, State } from '../state.ts';
import { readFlows, recordOf, textsOf } from './definition.ts';
import { invalid, notFound, refused } from './errors.ts';

export function planOf({ plans }: Api, id: string): Plan {
  const plan = plans.find((one) => one.id === id);
  if (plan === undefined) throw notFound('Plan', id);
  return plan;
}

/** A new plan is always in staging, whatever is sent. */
export function createPlan(state: State, api: Api, body: Json, more: Partial<Plan> = {}): Plan {
  const { type, configuration } = recordOf(body['security']);
  if (typeof type !== 'string') throw refused(400, "Security type is required for plan with 'STANDARD' mode", { parameters: {} });
  if (typeof body['name'] !== 'string') throw invalid('name', 'must not be null');
  const at = state.now();
  const plan: Plan = {
    id: state.newId(),
    ...(typeof body['crossId'] === 'string' && { crossId: body['crossId'] }),
    name: body['name'],
    ...(typeof body['description'] === 'string' && { description: body['description'] }),
    security: { type, ...(configuration !== undefined && { configuration: recordOf(configuration) }) },
    flows: readFlows(body['flows'], state.newId),
    characteristics: textsOf(body['characteristics']),
    order: 0,
    status: 'STAGING',
    validation: String(body['validation'] ?? 'MANUAL'),
    createdAt: at,
    updatedAt: at,
    changedAt: 0,
    ...more,
  };
  api.plans.push(plan);
  return plan;
}

/** Left out, characteristics are cleared and the cross-id is kept. The type of security stays what it was, whatever is sent. */
export function updatePlan(state: State, plan: Plan, body: Json): void {
  const before = JSON.stringify([plan.security, plan.flows]);
  const { configuration } = recordOf(body['security']);
  plan.security = { type: plan.security.type, ...(configuration !== undefined && { configuration: recordOf(configuration) }) };
  plan.flows = readFlows(body['flows'], state.newId);
  plan.name = String(body['name']);
  if (typeof body['description'] === 'string') plan.description = body['description'];
  if (typeof body['crossId'] === 'string') plan.crossId = body['crossId'];
  plan.validation = String(body['validation'] ?? plan.validation);
  plan.characteristics = textsOf(body['characteristics']);
  plan.updatedAt = Math.max(state.now(), plan.updatedAt + 1);
  if (before !== JSON.stringify([plan.security, plan.flows])) changed(state, plan);
}

const changed = (state: State, plan: Plan): void => void (plan.changedAt = Math.max(state.now(), plan.updatedAt));

export function publishPlan(state: State, api: Api, plan: Plan): void {
  const parameters = { plan: plan.id };
  if (plan.status === 'CLOSED') throw refused(400, `Plan ${plan.id} is already closed !`, { code: 'plan.closed', parameters });
  if (plan.status !== 'STAGING') throw refused(400, `Plan ${plan.id} is already published !`, { code: 'plan.published', parameters });
  const isOpen = ({ status, security }: Plan): boolean => security.type === 'KEY_LESS' && (status === 'PUBLISHED' || status === 'DEPRECATED');
  if (plan.security.type === 'KEY_LESS' && api.plans.some(isOpen)) {
    throw refused(400, 'A key-less plan is already published (or has been deprecated)!', { code: 'plan.keyless.exists', parameters });
  }
  for (const other of api.plans) if (other.status === 'PUBLISHED') other.order += 1;
  plan.order = 1;
  plan.status = 'PUBLISHED';
  plan.updatedAt = Math.max(state.now(), plan.updatedAt + 1);
  plan.publishedAt = plan.updatedAt;
  changed(state, plan);
}

export function deprecatePlan(state: State, plan: Plan): void {
  if (plan.status !== 'PUBLISHED') {
    throw refused(400, `Plan ${plan.id} is not published !`, { code: 'plan.notPublished', parameters: { plan: plan.id } });
  }
  plan.status = 'DEPRECATED';
  plan.updatedAt = Math.max(state.now(), plan.updatedAt + 1);
}

/** It closes the subscriptions. The gateway goes on serving as it was last deployed. */
export function closePlan(state: State, api: Api, plan: Plan): void {
  if (plan.status === 'CLOSED') {
    throw refused(400, `Plan ${plan.id} is already closed !`, { code: 'plan.closed', parameters: { plan: plan.id } });
  }
  plan.status = 'CLOSED';
  plan.updatedAt = Math.max(state.now(), plan.updatedAt + 1);
  plan.closedAt = plan.updatedAt;
  changed(state, plan);
  for (const subscription of api.subscriptions) if (subscription.planId === plan.id) closeSubscription(state, subscription);
}

export function closeSubscription(state: State, subscription: Api['subscriptions'][number]): void {
  subscription.status = 'CLOSED';
  delete subscription.startingAt;
  subscription.updatedAt = Math.max(state.now(), subscription.updatedAt + 1);
}

export function deletePlan(api: Api, plan: Plan): void {
  const isUsed = plan.status !== 'STAGING' && api.subscriptions.some(({ planId }) => planId === plan.id);
  if (isUsed) {
    const said = "You can't delete a plan with existing subscriptions. Please close it instead.";
    throw refused(400, said, { code: 'plan.notDeletable', parameters: { plan: plan.id } });
  }
  api.plans.splice(api.plans.indexOf(plan), 1);
}
