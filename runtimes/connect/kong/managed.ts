import type { ManagedObject } from '../model.ts';
import type { KongKind } from './entities.ts';
import { objectId, tagsOf } from './names.ts';

type Description = {
  readonly kind: KongKind;
  /** What its id follows from: unique among the objects of its kind. */
  readonly name: string;
  /** What an operator calls it, when that is not its kind and name. */
  readonly label?: string;
  readonly owner: string;
  readonly alsoFor?: readonly string[];
  readonly moreTags?: readonly string[];
  readonly fields: Readonly<Record<string, unknown>>;
};

/** An object of ours, with its id and the tags that mark whose it is. */
export function managed(gatewayId: string, description: Description): ManagedObject {
  const { kind, name, label = `${kind} ${name}`, owner, alsoFor = [], moreTags = [], fields } = description;
  const tags = [...tagsOf(gatewayId, [owner, ...alsoFor]), ...moreTags];
  return { kind, id: objectId(gatewayId, kind, name), label, owner, alsoFor, fields: { ...fields, tags } };
}
