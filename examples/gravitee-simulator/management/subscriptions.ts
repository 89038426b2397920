import type { Api, ApiKey, Json, Plan, State, Subscription } from '../state.ts';
import { recordOf } from './definition.ts';
import { notFound, refused } from './errors.ts';
import { planOf } from './plans.ts';

const graceMs = 2 * 3600 * 1000;
const oddInKey = /[\^#%@\\/;=?|~, ]/;

export function subscriptionOf({ subscriptions }: Api, id: string): Subscription {
  const subscription = subscriptions.find((one) => one.id === id);
  if (subscription === undefined) throw notFound('Subscription', id);
  return subscription;
}

export function keyOf({ keys }: Subscription, id: string): ApiKey {
  const key = keys.find((one) => one.id === id);
  if (key === undefined) throw notFound('ApiKey', id);
  return key;
}

/** Accepted at once, whatever the plan says. Metadata is taken and dropped: a PUT keeps it. */
export function subscribe(state: State, api: Api, body: Json): Subscription {
  const plan: Plan = planOf(api, String(body['planId']));
  const applicationId = String(body['applicationId']);
  if (plan.security.type === 'KEY_LESS') throw refused(400, 'A keyless plan is not subscribable!', { code: 'plan.notSubscribable' });
  if (plan.status !== 'PUBLISHED') throw refused(400, 'Plan is not subscribable !', { code: 'plan.notSubscribable' });
  if (api.subscriptions.some((one) => one.planId === plan.id && one.applicationId === applicationId && one.status === 'ACCEPTED')) {
    const said = 'There is already a PENDING or ACCEPTED subscription for this plan.';
    throw refused(400, said, { code: 'plan.subscribed', parameters: { plan: plan.id } });
  }
  const at = state.now();
  const subscription: Subscription = {
    id: state.newId(),
    planId: plan.id,
    applicationId,
    metadata: {},
    status: 'ACCEPTED',
    keys: [],
    startingAt: at,
    processedAt: at,
    createdAt: at,
    updatedAt: at,
  };
  subscription.keys.push(newKey(state, body['customApiKey'], api, subscription));
  api.subscriptions.push(subscription);
  return subscription;
}

/** The same key may open several APIs of one application, and nothing else. */
function newKey(state: State, custom: unknown, api: Api, { applicationId }: Subscription): ApiKey {
  const at = state.now();
  const id = state.newId();
  if (custom === undefined) return { id, key: state.newId(), revoked: false, createdAt: at, updatedAt: at };
  if (!state.customApiKeys) {
    throw refused(400, 'You are not allowed to provide a custom API Key', { code: 'subscription.invalid', parameters: {} });
  }
  const key = String(custom);
  if (oddInKey.test(key)) throw refused(400, 'The API Key is not valid', { code: 'subscription.invalid', parameters: {} });
  const isTaken = [...state.apis.values()].some((other) =>
    other.subscriptions.some(
      (one) => (one.applicationId !== applicationId || other === api) && one.keys.some((known) => known.key === key && isOpen(one, known)),
    ),
  );
  if (isTaken) throw refused(400, 'API Key already exists', { code: 'apiKey.existing' });
  return { id, key, revoked: false, createdAt: at, updatedAt: at };
}

const isOpen = ({ status }: Subscription, { revoked }: ApiKey): boolean => status === 'ACCEPTED' && !revoked;

/** A PUT without a start takes the start away. */
export function updateSubscription(state: State, subscription: Subscription, body: Json): void {
  subscription.metadata = recordOf(body['metadata']) as Record<string, string>;
  delete subscription.startingAt;
  if (typeof body['endingAt'] === 'string') subscription.endingAt = body['endingAt'];
  else delete subscription.endingAt;
  subscription.updatedAt = Math.max(state.now(), subscription.updatedAt + 1);
}

/** The other keys end two hours later. */
export function renewKey(state: State, api: Api, subscription: Subscription, body: Json): ApiKey {
  const key = newKey(state, body['customApiKey'], api, subscription);
  for (const other of subscription.keys) {
    if (other.revoked) continue;
    other.expireAt = key.createdAt + graceMs;
    other.updatedAt = state.now();
  }
  subscription.keys.unshift(key);
  return key;
}

export function revokeKey(state: State, key: ApiKey): void {
  key.revoked = true;
  key.updatedAt = Math.max(state.now(), key.updatedAt + 1);
  key.revokedAt = key.updatedAt;
}
