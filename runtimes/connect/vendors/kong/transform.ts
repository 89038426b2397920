import type { ApiIntent, Finding, Intent, ManagedObject, Transform } from '../../engine/model.ts';
import { renderAdopted } from './render-adopted.ts';
import { renderApi } from './render-api.ts';
import { renderConsumer, renderMembership, renderSubscription } from './render-consumer.ts';
import { renderPlugins } from './render-plugins.ts';
import { exposedPath } from './route-path.ts';
import type { KongRedis } from './settings.ts';

/** Renders what shall be as Kong objects. `redis`: where the nodes of this Kong count together. */
export const kongTransform = (redis?: KongRedis): Transform => ({
  claim(api, { method, path: template }) {
    const path = exposedPath(api, template);
    return 'fault' in path ? path : { claim: `${method} ${api.public_path?.host ?? ''}${path.shape}` };
  },
  api(gatewayId, intent: ApiIntent) {
    const { adopted = [] } = intent.api;
    const service = adopted.find(({ kind }) => kind === 'service')?.id;
    // The plugins of an API that stays as it was still have to follow its policies.
    const plugins = renderPlugins(gatewayId, intent, redis, service);
    const exposure = intent.api.adopted === undefined ? renderApi(gatewayId, intent) : renderAdopted(gatewayId, intent.api.id, adopted);
    return { objects: [...plugins, ...exposure], warnings: [] };
  },
  callers,
});

/** Consumers, their keys and their groups. */
function callers({ gatewayId, callers: wanted }: Intent, nowMs: number): { objects: ManagedObject[]; warnings: Finding[] } {
  const warnings: Finding[] = [];
  const memberships: ManagedObject[] = [];
  const objects = wanted.flatMap(({ consumer, alsoOpen, subscriptions }) => {
    const rendered = renderConsumer(gatewayId, consumer, nowMs);
    warnings.push(...rendered.warnings.map((reason): Finding => ({ itemId: consumer.id, phase: 'render', reason })));
    if (alsoOpen) memberships.push(renderMembership(gatewayId, consumer));
    memberships.push(...subscriptions.map((subscription) => renderSubscription(gatewayId, subscription, consumer)));
    return rendered.objects;
  });
  return { objects: [...objects, ...memberships], warnings };
}
