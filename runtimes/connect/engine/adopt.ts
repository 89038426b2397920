import type { AdoptionAnswer, AdoptionQuestion, ApiItem } from '@stoa/generated/schemas.ts';
import { AdminError } from './admin-error.ts';
import type { Adoptable } from './model.ts';
import { rehearse } from './rehearse.ts';
import type { RehearsedPass } from './rehearse.ts';
import type { PassReading } from './reconcile.ts';
import { createRenderer } from './render.ts';

export type RehearsedAdoption = RehearsedPass & { readonly adoption: AdoptionAnswer };

/**
 * What taking over something on the gateway would be: how it is, and what a pass would write with it among what is deployed. Refused where that is anything but marks. Writes nothing.
 */
export async function rehearseAdoption(input: PassReading, { object_id: objectId, api_id: apiId }: AdoptionQuestion): Promise<RehearsedAdoption> {
  const { adapter, config, signal } = input;
  const refused = (refusal: string): RehearsedAdoption => ({ ...nothing, adoption: { refusal } });
  if (adapter.adopt === undefined) return refused(`STOA Connect takes nothing over from a gateway of the type ${adapter.type}.`);
  let found: ReturnType<typeof adapter.adopt>;
  try {
    found = adapter.adopt(await adapter.fetch(config.gateway_id, signal), objectId);
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return { ...nothing, unavailable: error.message, adoption: {} };
  }
  if ('refusal' in found) return refused(found.refusal);
  const item = itemOf(found, apiId);
  const pass = await rehearse({ ...input, render: createRenderer(adapter), config: { ...config, items: [...config.items, item] } });
  const own = pass.changes.filter(({ object }) => object.owner === item.id);
  const rejected = pass.outcome.items.find(({ id, state }) => id === item.id && state === 'rejected');
  if (rejected !== undefined) return refused(rejected.reason ?? 'It would be rejected.');
  const beyond = own.find(({ action }) => action !== 'patch');
  if (beyond !== undefined) return refused(`Taking it over would ${beyond.action} ${beyond.object.label}: ${beyond.detail}.`);
  const { name, upstreamUrl, operations, objects, stays } = found;
  return { ...pass, changes: own, adoption: { name, upstream_url: upstreamUrl, operations: [...operations], objects, stays: [...stays] } };
}

const nothing: RehearsedPass = { outcome: { state: 'rejected', items: [], leftovers: [] }, changes: [] };

/** The API as the Control Plane would send it. */
const itemOf = ({ upstreamUrl, objects }: Adoptable, apiId: string): ApiItem => ({
  id: `api:${apiId}`,
  kind: 'api',
  api_id: apiId,
  // No API is called so, and nothing is made of the name.
  name: `adopted-${apiId}`,
  version: '1',
  title: '',
  revision: 1,
  upstream: { url: upstreamUrl },
  operations: [],
  adopted: objects,
});
