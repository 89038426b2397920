import type { ManagedObject } from './model.ts';
import { objectId } from './object-id.ts';

export type Description<Kind extends string> = {
  readonly kind: Kind;
  /** What its id follows from: unique among the objects of its kind. */
  readonly name: string;
  /** What an operator calls it, when that is not its kind and name. */
  readonly label?: string;
  readonly owner: string;
  readonly alsoFor?: readonly string[];
  readonly fields: Readonly<Record<string, unknown>>;
};

/** An object of ours, with its id. Each vendor adds the mark that says whose it is. */
export function managedObject<Kind extends string>(gatewayId: string, description: Description<Kind>): ManagedObject {
  const { kind, name, label = `${kind} ${name}`, owner, alsoFor = [], fields } = description;
  return { kind, id: objectId(gatewayId, kind, name), label, owner, alsoFor, fields };
}
