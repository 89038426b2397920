import { isRecord } from '../../engine/compare.ts';
import type { Entity, GraviteeAdmin, Json } from './admin.ts';
import { isOurFlow } from './names.ts';
import { apiView, flowView, listOf, recordOf } from './views.ts';

/**
 * Whether what we set of an API is live, and what somebody else changed in it and has not deployed: our deployment would publish that for him. `NEED_REDEPLOY` does not say whose change it is, so the
 * definition that a deployment would publish is held against the one that was published last.
 */
export async function readDeployment(
  admin: GraviteeAdmin,
  api: Entity,
  signal: AbortSignal,
): Promise<{ isDeployed: boolean; foreignDraft: string | undefined }> {
  if (api['deployedAt'] === undefined) return { isDeployed: false, foreignDraft: undefined };
  if (api['deploymentState'] === 'DEPLOYED') return { isDeployed: true, foreignDraft: undefined };
  const [current, events] = await Promise.all([
    admin.call('GET', `/apis/${api.id}/deployments/current`, { signal }),
    admin.call('GET', `/apis/${api.id}/events?types=PUBLISH_API&perPage=1`, { signal }),
  ]);
  const published = definitionIn(listOf(events['data'])[0]);
  if (published === undefined) return { isDeployed: false, foreignDraft: undefined };
  const changed = foreignParts.filter((part) => foreign(current, part) !== foreign(published, part));
  return { isDeployed: owned(current) === owned(published), foreignDraft: changed.length === 0 ? undefined : changed.join(', ') };
}

/** It comes as a text within a text. */
function definitionIn(event: Json | undefined): Json | undefined {
  const payload = parse(event?.['payload']);
  return payload === undefined ? undefined : parse(payload['definition']);
}

function parse(text: unknown): Json | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Names of types are written small in there. */
function owned(definition: Json): string {
  const { name: _name, apiVersion: _version, labels: _labels, ...view } = apiView(definition);
  const plans = listOf(definition['plans']).map((plan) => [
    plan['id'],
    recordOf(plan['security'])['type'],
    listOf(plan['flows']).map((flow) => JSON.stringify(flowView(flow))),
  ]);
  return JSON.stringify([view, plans.sort()]);
}

const foreignParts = ['properties', 'resources', 'responseTemplates', 'services', 'failover', 'analytics', 'flows'] as const;

function foreign(definition: Json, part: (typeof foreignParts)[number]): string {
  const value =
    part === 'flows'
      ? listOf(definition['flows'])
          .filter((flow) => !isOurFlow(flow))
          .map(flowView)
      : definition[part];
  return JSON.stringify(value ?? null);
}
