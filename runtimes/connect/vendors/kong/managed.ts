import { managedObject } from '../../engine/managed.ts';
import type { Description } from '../../engine/managed.ts';
import type { ManagedObject } from '../../engine/model.ts';
import type { KongKind } from './entities.ts';
import { tagsOf } from './names.ts';

/** An object of ours in Kong, with the tags that mark whose it is. */
export function managed(
  gatewayId: string,
  { moreTags = [], ...description }: Description<KongKind> & { moreTags?: readonly string[] },
): ManagedObject {
  const tags = [...tagsOf(gatewayId, [description.owner, ...(description.alsoFor ?? [])]), ...moreTags];
  return managedObject(gatewayId, { ...description, fields: { ...description.fields, tags } });
}
